import { setTimeout as sleep } from "node:timers/promises";
import { processorSeconds } from "./service-figures";
import { atLeastOfReference } from "./measurement";
import type { Measurement } from "./measurement";
import type { Program } from "./program";
import { sampleSymbols } from "./sample-ticks";
import type { BenchEnvironment } from "./bench-environment";

/** A user may have 20. */
const clientsAToken = 20;
const users = 25;
const symbols = 30;
const ticksASecond = 500;
const seconds = 5;
/** How often market-data sends. */
const frameMs = 20;

interface Count {
  readonly messages: number;
  readonly bytes: number;
  readonly open: number;
}

/**
 * Messages that the sender's processor time buys. Time on the clock would not compare: clients take as many
 * processors as the sender, and a stream is as fast as its ticks. market-data's time is all that it does with a tick,
 * from the broker's frame to the last client; the reference sends messages of the same sizes as often.
 */
export const measureDeliveries: Measurement = async (bench, { runs, tell }) => {
  const listeners = await bench.start("listeners");
  const broadcaster = await bench.start("broadcast");
  const tokens = await bench.tokens.issue(users);
  const ours: number[] = [];
  const reference: number[] = [];
  const rate: number[] = [];
  for (let run = 0; run <= runs; run++) {
    tell(`deliveries, run ${run} of ${runs}`);
    const stream = await streamed(bench, listeners, tokens);
    const bare = await broadcasted(broadcaster, listeners, tokens, stream.sizes);
    if (run === 0) continue;
    ours.push(stream.messages / stream.processorSeconds);
    rate.push(stream.messages / seconds);
    reference.push(bare.messages / bare.processorSeconds);
  }
  const name = `deliveries to ${users * clientsAToken} clients`;
  return [
    { name: `${name}, against bare ws`, unit: "a CPU second", ours, reference, aim: atLeastOfReference(0.8) },
    { name: `${name}, ${ticksASecond} ticks/s`, unit: "messages/s", ours: rate },
  ];
};

async function streamed(bench: BenchEnvironment, listeners: Program, tokens: readonly string[]) {
  const listed = sampleSymbols.slice(0, symbols);
  const say = ["QUOTE", "TRADE"].map((channel) => JSON.stringify({ type: "SUBSCRIBE", channel, symbols: listed }));
  const url = `${bench.urls.marketData.replace("http", "ws")}/ws/market-data`;
  // AUTHENTICATED, and for each subscription SUBSCRIBED and SNAPSHOT.
  await listeners.tell("open", { url, tokens, clientsAToken, say, answers: 1 + 2 * say.length });
  const before = await listeners.tell<Count>("count");
  await listeners.tell("record");
  const usedBefore = await processorSeconds(bench.urls.marketData);
  await bench.tickSource.tell("pace", { ticksASecond, seconds, symbols });
  await sleep(200);
  const usedAfter = await processorSeconds(bench.urls.marketData);
  const after = await listeners.tell<Count>("count");
  const { sizes } = await listeners.tell<{ readonly sizes: readonly number[] }>("record");
  if (after.open !== tokens.length * clientsAToken) throw new Error(`only ${after.open} clients are still connected`);
  await listeners.tell("close");
  return { messages: after.messages - before.messages, processorSeconds: usedAfter - usedBefore, sizes };
}

async function broadcasted(
  broadcaster: Program,
  listeners: Program,
  tokens: readonly string[],
  sizes: readonly number[],
) {
  const url = broadcaster.url.replace("http", "ws");
  await listeners.tell("open", { url, tokens, clientsAToken, say: [], answers: 0 });
  const result = await broadcaster.tell<{ readonly messages: number; readonly processorSeconds: number }>("broadcast", {
    sizes,
    everyMs: frameMs,
  });
  await listeners.tell("close");
  return result;
}
