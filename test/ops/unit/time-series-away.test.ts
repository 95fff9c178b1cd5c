import { TIME_SERIES } from "../../../config/names";
import { Unreachable } from "../../../ops/core/outcome";
import { TimeSeriesServer } from "../../../ops/time-series/server";
import { MemoryObjects } from "../support/memory-objects";
import { bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

const copy = "time-series-copy";
const restore = `restore time-series --into ${copy}`;
const change = `restore switch-time-series ${copy}`;

/** Calls in a row that the API server does not answer. */
const AWAY = 3;

/** Runs a line before an API server that is away from a call on. @returns its exit code, and how many calls it made */
async function runWithout(line: string, prepared: readonly string[], from: number) {
  const objects: MemoryObjects = new MemoryObjects(() => world.now());
  const world: TimeSeriesWorld = new TimeSeriesWorld(objects, { cluster: {} });
  await bringUp(objects, world.operator, holdings("2026-11-28T09:59:00.000Z"));
  for (const one of prepared) expect(await world.ops(one)).toMatchObject({ code: 0 });
  let calls = 0;
  const flaky = new Proxy(objects, {
    get: (inner, name) => {
      const found: unknown = Reflect.get(inner, name);
      if (typeof found !== "function") return found;
      return (...args: unknown[]): unknown => {
        calls += 1;
        if (calls >= from && calls < from + AWAY) return Promise.reject(new Unreachable("it does not answer"));
        return (found as (...args: unknown[]) => unknown).apply(inner, args);
      };
    },
  });
  const declared = prepared.includes(change) ? copy : TIME_SERIES;
  const { code, err } = await world.ops(line, {
    timeSeries: new TimeSeriesServer(flaky, { namespace: "trading", declared }),
  });
  return { code, err, calls, begun: err.includes(" ...") };
}

describe("an API server that does not answer for a moment", () => {
  test.each<[string, readonly string[]]>([
    ["backup --time-series", []],
    ["verify-backup --time-series", []],
    [restore, []],
    [change, [restore]],
    [`restore delete-time-series ${TIME_SERIES}`, [restore, change]],
  ])("holds %s up, and ends nothing that has begun", async (line, prepared) => {
    const { calls } = await runWithout(line, prepared, Number.POSITIVE_INFINITY);
    for (let from = 1; from <= calls; from += 1) {
      const { code, err, begun } = await runWithout(line, prepared, from);
      expect([from, err, code]).toEqual([from, err, begun ? 0 : 3]);
    }
  });
});
