import type { Platform } from "../../../ops/platform";
import { runBefore as ops } from "../support/fake-application-jobs";

const move = ["ticks", "move", "pg_partman"];
const progress = { to: "pg_partman", done: false, ticks: 0 };

describe("ticks move", () => {
  test("runs Job after Job until the ticks are moved, and waits for a dump", async () => {
    const { code, out, err, jobs, events } = await ops(move, {
      answers: [
        { ...progress, waitsFor: "a dump or maintenance is under way: pid 7" },
        { ...progress, ticks: 14_000_000, day: "2026-01-02" },
        { ...progress, ticks: 5_000_000_000 },
        { ...progress, ticks: 5_000_100_000, done: true },
      ],
    });
    expect([code, out, events]).toEqual([
      0,
      "pg_partman keeps the ticks: 5000100000 were moved.\n",
      ["done", "started"],
    ]);
    expect(err).toMatch(/0 ticks are copied; a dump or maintenance is under way: pid 7/);
    expect(err).toMatch(/14000000 ticks are copied; 2026-01-02 is next/);
    expect(err).toMatch(/5000000000 ticks are copied; those that came meanwhile are next/);
    const runs = jobs.map(({ command, args }) => [command, ...args]);
    expect(runs).toEqual(Array.from({ length: 4 }, () => ["move-ticks", "to", "pg_partman", "45"]));
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(4);
  });

  test("says where there is nothing to move", async () => {
    const { code, out } = await ops(move, { answers: [{ ...progress, done: true }] });
    expect([code, out]).toEqual([0, "pg_partman keeps the ticks already.\n"]);
  });

  test("runs nothing in a dry run, nor for a keeper that is none", async () => {
    const dry = await ops([...move, "--dry-run"], { answers: [] });
    expect([dry.code, dry.jobs, dry.events]).toEqual([0, [], []]);
    const other = await ops(["ticks", "move", "influxdb"], { answers: [] });
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(/Allowed choices are timescaledb, pg_partman, partitions/),
    ]);
  });

  test.each([[[]], [["--dry-run"]]])("is refused where ticks are in a server of their own %j", async (more) => {
    const { code, err, jobs, events } = await ops([...move, ...more], {
      answers: [],
      more: { timeSeries: {} } as Partial<Platform>,
    });
    expect([code, jobs, events]).toEqual([3, [], []]);
    expect(err).toMatch(/The ticks of staging are stored in their own server.*Leave them to their retention, or set/);
  });

  test("ends with what the application said, and goes on when typed again", async () => {
    const failed = await ops(move, { answers: [new Error("the ticks cannot move: pg_partman: permission denied")] });
    expect([failed.code, failed.events]).toEqual([expect.any(Number), ["failed", "started"]]);
    expect(failed.code).not.toBe(0);
    expect(failed.err).toMatch(/permission denied.*the same command again/s);
  });
});

test.each([
  [true, "The move is given up; the ticks are where they were.\n"],
  [false, "No move was under way.\n"],
])("ticks abandon-move says whether there was one: %s", async (abandoned, words) => {
  const { code, out, jobs } = await ops(["ticks", "abandon-move"], { answers: [{ abandoned }] });
  expect([code, out]).toEqual([0, words]);
  expect(jobs.map(({ command, args }) => [command, ...args])).toEqual([["move-ticks", "abandon"]]);
});
