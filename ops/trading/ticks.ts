import { z } from "zod";
import { MINUTE_MS } from "../core/clock";
import type { Context } from "../core/context";
import { runOnce } from "./run-once";

export const tickKeepers = ["timescaledb", "pg_partman", "partitions"] as const;
export type TickKeeper = (typeof tickKeepers)[number];

const progressSchema = z.object({
  to: z.enum(tickKeepers),
  done: z.boolean(),
  ticks: z.number(),
  day: z.string().optional(),
  waitsFor: z.string().optional(),
});
export type TickMove = z.infer<typeof progressSchema>;

/** Less than a Job of the daily maintenance may take. */
const MINUTES_OF_A_JOB = 45;
const WAIT_MS = 5 * MINUTE_MS;

/** Moves the ticks, Job after Job, until they are moved. Ended at any point, the same again goes on. */
export async function moveTicks(context: Context, to: TickKeeper): Promise<TickMove> {
  for (;;) {
    const answer = await runOnce(context, { command: "move-ticks", args: ["to", to, String(MINUTES_OF_A_JOB)] });
    const move = progressSchema.parse(answer);
    if (move.done) return move;
    context.progress.say(`${move.ticks} ticks are copied; ${move.waitsFor ?? nextOf(move)}`);
    if (move.waitsFor !== undefined) await context.clock.sleep(WAIT_MS);
  }
}

const nextOf = ({ day }: TickMove) => (day === undefined ? "those that came meanwhile are next" : `${day} is next`);

/** @returns whether there was a move to give up */
export async function abandonMove(context: Context): Promise<boolean> {
  return z
    .object({ abandoned: z.boolean() })
    .parse(await runOnce(context, { command: "move-ticks", args: ["abandon"] })).abandoned;
}
