import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../statistics";
import { logInTraders } from "./traders";
import { atMost } from "./measurement";
import type { Measurement } from "./measurement";
import type { Program } from "./program";
import type { Placed } from "./programs/placer";
import type { BenchEnvironment } from "./bench-environment";

const traders = 10;
const aSecond = 100;
const seconds = 5;
const flooded = 500;
const atOnce = 16;
const settlePatienceMs = 600_000;

/** Placing an order, from the call to the answer that says it is durable, against one committed row over bare fastify. */
export const measureOrders: Measurement = async (bench, { runs, tell }) => {
  const placer = await bench.start("placer");
  await bench.query(bench.bareDatabase, "CREATE TABLE bench_rows (row_id uuid PRIMARY KEY, body jsonb NOT NULL)");
  const bare = await bench.start("bare-rows", bench.bareDatabase);
  const tokens = await logInTraders(bench, traders);
  const body = { symbol: "GARAN", side: "BUY", type: "MARKET", quantity: "1" };
  const ours = { url: `${bench.urls.brokerIntegration}/api/v1/orders`, tokens, body };
  const reference = { url: `${bare.url}/rows`, tokens, body };
  const measured = { ours: emptySample(), reference: emptySample() };
  const sides = { ours, reference };
  for (let run = 0; run <= runs; run++) {
    for (const side of ["ours", "reference"] as const) {
      tell(`orders, ${side === "ours" ? "placed" : "bare rows"}, run ${run} of ${runs}`);
      const paced = await placed(placer, "place", { ...sides[side], aSecond, seconds });
      await settled(bench);
      const flood = await placed(placer, "flood", { ...sides[side], count: flooded, atOnce });
      await settled(bench);
      if (run === 0) continue;
      measured[side].p50.push(quantile(paced.latencies, 0.5));
      measured[side].p99.push(quantile(paced.latencies, 0.99));
      measured[side].rate.push(flooded / flood.seconds);
    }
  }
  const line = (figure: keyof Sample) => ({ ours: measured.ours[figure], reference: measured.reference[figure] });
  return [
    { name: `orders, ${aSecond} a second, p50`, unit: "ms", ...line("p50") },
    { name: `orders, ${aSecond} a second, p99`, unit: "ms", ...line("p99"), aim: atMost(25) },
    { name: `orders, ${atOnce} under way at any time`, unit: "orders/s", ...line("rate") },
  ];
};

interface Sample {
  readonly p50: number[];
  readonly p99: number[];
  readonly rate: number[];
}

const emptySample = (): Sample => ({ p50: [], p99: [], rate: [] });

async function placed(placer: Program, how: "place" | "flood", order: object): Promise<Placed> {
  const result = await placer.tell<Placed>(how, order);
  const [refusal] = Object.entries(result.refusals);
  if (refusal !== undefined) throw new Error(`an order was answered ${refusal[0]}: ${refusal[1]}`);
  return result;
}

/** Waits until every order is filled and everything of it is booked, so that what is left of one run does not slow the next. */
async function settled(bench: BenchEnvironment): Promise<void> {
  const deadline = Date.now() + settlePatienceMs;
  for (;;) {
    const [row] = await bench.query<{ waiting: number; refused: string | null }>(
      bench.database,
      `SELECT (SELECT count(*) FILTER (WHERE status NOT IN ('FILLED', 'REJECTED')) FROM orders)::int
         + (SELECT count(*) FROM account_views WHERE requested_at IS NOT NULL)::int
         + (SELECT count(*) FROM outbox WHERE published_at IS NULL)::int AS waiting,
         (SELECT max(status_reason) FROM orders WHERE status = 'REJECTED') AS refused`,
    );
    if (typeof row?.refused === "string") throw new Error(`an order was rejected: ${row.refused}`);
    if (row?.waiting === 0) return;
    if (Date.now() > deadline) throw new Error(`${row?.waiting ?? 0} orders, views and events are still under way`);
    await sleep(100);
  }
}
