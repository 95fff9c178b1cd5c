import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atLeastOfReference } from "./measurement";
import type { Measurement } from "./measurement";
import type { World } from "./world";

const ticks = 200_000;
/** Rows of a COPY: what MARKET_DATA_BATCH_ROWS is unless it is set. */
const batchRows = 5_000;
const lookEveryMs = 10;
const patienceMs = 120_000;

/** Ticks from the first WebSocket frame that leaves to the commit of the last row, against COPY of the same rows. */
export const measureTicks: Measurement = async (world, { runs, tell }) => {
  const copyLoop = await world.start("copy-loop", world.bareDatabase);
  const ours: number[] = [];
  const reference: number[] = [];
  // The first run of each is not counted: code is compiled, tables have their first pages made.
  for (let run = 0; run <= runs; run++) {
    tell(`ticks, run ${run} of ${runs}`);
    const stored = await store(world);
    const copied = await copy(world, (order) => copyLoop.tell("copy", order));
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

async function store(world: World): Promise<number> {
  await makeRoom(world);
  const wanted = (await lastSequence(world)) + ticks;
  const { startedAt } = await world.tickSource.tell<{ readonly startedAt: number }>("burst", { ticks });
  while ((await lastSequence(world)) < wanted) {
    if (Date.now() - startedAt > patienceMs)
      throw new Error(`${ticks} ticks were not stored in ${patienceMs / 1000} s`);
    await sleep(lookEveryMs);
  }
  const seconds = (Date.now() - startedAt) / 1000;
  const [row] = await world.query<{ rows: number }>(world.database, "SELECT count(*)::int AS rows FROM market_ticks");
  if (row?.rows !== ticks) throw new Error(`${ticks} ticks were sent and ${row?.rows ?? 0} are stored`);
  return ticks / seconds;
}

async function copy(world: World, run: (order: object) => Promise<{ readonly seconds: number }>): Promise<number> {
  await makeRoom(world);
  return ticks / (await run({ ticks, batchRows })).seconds;
}

/** Both sides start with empty tables and no pages to write back. */
async function makeRoom(world: World): Promise<void> {
  for (const database of [world.database, world.bareDatabase]) await world.query(database, "TRUNCATE market_ticks");
  await world.query(world.database, "CHECKPOINT");
}

async function lastSequence(world: World): Promise<number> {
  const [row] = await world.query<{ last: string }>(world.database, "SELECT last_sequence AS last FROM market_feeds");
  return Number(row?.last);
}
