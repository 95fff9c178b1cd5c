import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atLeastOfReference } from "./measurement";
import type { Measurement } from "./measurement";
import type { BenchEnvironment } from "./bench-environment";

const ticks = 200_000;
/** Rows of a COPY: what MARKET_DATA_BATCH_ROWS is unless it is set. */
const batchRows = 5_000;
const lookEveryMs = 10;
const patienceMs = 120_000;

/** Ticks from the first WebSocket frame that leaves to the commit of the last row, against COPY of the same rows. */
export const measureTicks: Measurement = async (bench, { runs, tell }) => {
  const copyLoop = await bench.start("copy-loop", bench.bareDatabase);
  const ours: number[] = [];
  const reference: number[] = [];
  // The first run of each is not counted: code is compiled, tables have their first pages made.
  for (let run = 0; run <= runs; run++) {
    tell(`ticks, run ${run} of ${runs}`);
    const stored = await store(bench);
    const copied = await copy(bench, (order) => copyLoop.tell("copy", order));
    if (run === 0) continue;
    ours.push(stored);
    reference.push(copied);
  }
  return [
    {
      name: "ticks, frame to commit, against bare COPY",
      unit: "ticks/s",
      ours,
      reference,
      aim: atLeastOfReference(0.8),
    },
    { name: "ticks, frame to commit", unit: "ticks/s", ours, aim: atLeast(50_000) },
  ];
};

async function store(bench: BenchEnvironment): Promise<number> {
  await makeRoom(bench);
  const wanted = (await lastSequence(bench)) + ticks;
  const { startedAt } = await bench.tickSource.tell<{ readonly startedAt: number }>("burst", { ticks });
  while ((await lastSequence(bench)) < wanted) {
    if (Date.now() - startedAt > patienceMs)
      throw new Error(`${ticks} ticks were not stored in ${patienceMs / 1000} s`);
    await sleep(lookEveryMs);
  }
  const seconds = (Date.now() - startedAt) / 1000;
  const [row] = await bench.query<{ rows: number }>(bench.database, "SELECT count(*)::int AS rows FROM market_ticks");
  if (row?.rows !== ticks) throw new Error(`${ticks} ticks were sent and ${row?.rows ?? 0} are stored`);
  return ticks / seconds;
}

async function copy(
  bench: BenchEnvironment,
  run: (order: object) => Promise<{ readonly seconds: number }>,
): Promise<number> {
  await makeRoom(bench);
  return ticks / (await run({ ticks, batchRows })).seconds;
}

/** Both sides start with empty tables and no pages to write back. */
async function makeRoom(bench: BenchEnvironment): Promise<void> {
  for (const database of [bench.database, bench.bareDatabase]) await bench.query(database, "TRUNCATE market_ticks");
  await bench.query(bench.database, "CHECKPOINT");
}

async function lastSequence(bench: BenchEnvironment): Promise<number> {
  const [row] = await bench.query<{ last: string }>(bench.database, "SELECT last_sequence AS last FROM market_feeds");
  return Number(row?.last);
}
