import type { Server } from "node:http";
import { istanbulDate } from "../../../app/packages/bist/calendar";
import { Chain } from "./support/chain";
import type { RunResult } from "./support/chain";
import { bundleService, serveTestKeys } from "./support/service-process";

/** How many runs; `FAULT_RUNS=2000` for a long night. */
const runs = Number(process.env["FAULT_RUNS"] ?? 200);
const firstSeed = Number(process.env["FAULT_SEED"] ?? 1);
const chains = 4;

jest.setTimeout(60_000 + runs * 15_000);

let keys: { readonly url: string; readonly server: Server };
let bundle: string;

beforeAll(async () => {
  keys = await serveTestKeys();
  bundle = await bundleService();
});
afterAll(() => keys.server.close());

/** An order that is in doubt when its day ends is a person's to settle: a run that midnight broke is made again. */
async function runWithinDay(chain: Chain, seed: number): Promise<RunResult> {
  const day = istanbulDate(Date.now());
  const result = await chain.run(seed);
  return result.problems.length > 0 && istanbulDate(Date.now()) !== day ? chain.run(seed) : result;
}

test(`${runs} runs of concurrent orders with crashes and faults break no invariant`, async () => {
  const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);
  const results: RunResult[] = [];
  const work = async () => {
    const chain = await Chain.start({ bundle, keysUrl: keys.url });
    try {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift())
        results.push(await runWithinDay(chain, seed));
    } finally {
      await chain.close();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(chains, runs) }, work));
  expect(ends.filter(({ status }) => status === "rejected")).toEqual([]);

  const crashes = results.filter(({ crashed }) => crashed).length;
  const orders = results.reduce((sum, result) => sum + result.orders, 0);
  console.info(`${results.length} runs, ${orders} orders, ${crashes} processes ended at their failpoint`);
  expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
  expect(results).toHaveLength(runs);
  // Most places are reached in most runs; a harness that crashes nothing proves nothing.
  expect(crashes).toBeGreaterThan(runs / 2);
});
