/**
 * Posts orders at a rate, whether or not earlier ones were answered, as clients do that know nothing of each other.
 * A time is counted from when the order was due, so that waiting for a late sender is not left out.
 */
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listenForCommands } from "./control";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
listenForCommands({ place, flood });

interface Placing {
  readonly url: string;
  /** One after the other places an order. */
  readonly tokens: readonly string[];
  readonly body: object;
}

export interface Placed {
  /** Milliseconds to each answer, ascending. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** Answers other than 202, by status, with what one of them said. */
  readonly refusals: Readonly<Record<string, string>>;
}

/** So many a second, for so long. */
async function place(order: Placing & { readonly aSecond: number; readonly seconds: number }): Promise<Placed> {
  const collector = new Collector();
  const startedAt = performance.now();
  const calls: Promise<void>[] = [];
  const count = order.aSecond * order.seconds;
  for (let index = 0; index < count; index++) {
    const dueAt = startedAt + (index * 1000) / order.aSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    calls.push(collector.note(dueAt, post(order, index)));
  }
  await Promise.all(calls);
  return collector.placed(startedAt);
}

/** As many as are answered, with so many under way at any time. */
async function flood(order: Placing & { readonly count: number; readonly atOnce: number }): Promise<Placed> {
  const collector = new Collector();
  const startedAt = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < order.count) await collector.note(performance.now(), post(order, next++));
  };
  await Promise.all(Array.from({ length: order.atOnce }, lane));
  return collector.placed(startedAt);
}

class Collector {
  private readonly latencies: number[] = [];
  private readonly refusals: Record<string, string> = {};

  async note(dueAt: number, answer: Promise<{ readonly status: number; readonly text: string }>): Promise<void> {
    const { status, text } = await answer;
    this.latencies.push(performance.now() - dueAt);
    if (status !== 202) this.refusals[String(status)] = text;
  }

  placed(startedAt: number): Placed {
    return {
      latencies: this.latencies.sort((one, other) => one - other),
      seconds: (performance.now() - startedAt) / 1000,
      refusals: this.refusals,
    };
  }
}

function post({ url, tokens, body }: Placing, index: number): Promise<{ status: number; text: string }> {
  const bytes = Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const call = request(url, {
      agent,
      method: "POST",
      headers: {
        authorization: `Bearer ${tokens[index % tokens.length] ?? ""}`,
        "content-type": "application/json",
        "content-length": bytes.length,
        "idempotency-key": randomUUID(),
      },
    });
    call.on("error", reject);
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    call.end(bytes);
  });
}
