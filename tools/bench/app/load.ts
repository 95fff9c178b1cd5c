import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Placed } from "./programs/placer";
import { sampleSymbols } from "./sample-ticks";
import { logInTraders } from "./traders";
import type { BenchEnvironment } from "./bench-environment";

const ticksASecond = 2_000;
const symbols = 30;
const clientsAToken = 10;
const ordersASecond = 5;
const quotesEveryMs = 20;
const signInsEveryMs = 2_000;

/**
 * Keeps every service busy while `work` runs: 2,000 ticks a second to 100 clients, 5 orders and 50 quotes a second, a
 * person who signs in each 2 s.
 *
 * @param seconds that the load lasts, longer than `work`
 * @throws when a part of the load fails
 */
export async function underLoad<T>(bench: BenchEnvironment, seconds: number, work: () => Promise<T>): Promise<T> {
  const listeners = await bench.start("listeners");
  const placer = await bench.start("placer");
  const tokens = await logInTraders(bench, 10);
  const listed = sampleSymbols.slice(0, symbols);
  const say = ["QUOTE", "TRADE"].map((channel) => JSON.stringify({ type: "SUBSCRIBE", channel, symbols: listed }));
  const url = `${bench.urls.marketData.replace("http", "ws")}/ws/market-data`;
  await listeners.tell("open", { url, tokens, clientsAToken, say, answers: 1 + 2 * say.length });

  const over = new AbortController();
  const order = { symbol: "GARAN", side: "BUY", type: "MARKET", quantity: "1" };
  const placing = { url: `${bench.urls.brokerIntegration}/api/v1/orders`, tokens, body: order };
  const load = Promise.all([
    bench.tickSource.tell("pace", { ticksASecond, seconds, symbols }),
    placer.tell<Placed>("place", { ...placing, aSecond: ordersASecond, seconds }).then(refuseRefusals),
    again(quotesEveryMs, over.signal, () => get(`${bench.urls.marketData}/api/v1/market-data/quotes`, tokens[0] ?? "")),
    signInAgain(bench, over.signal),
  ]);
  try {
    const result = await Promise.race([work(), load.then(() => Promise.reject(new Error("the load ended too early")))]);
    over.abort();
    await load;
    return result;
  } finally {
    over.abort();
    await listeners.tell("close");
  }
}

function refuseRefusals({ refusals }: Placed): void {
  const [refusal] = Object.entries(refusals);
  if (refusal !== undefined) throw new Error(`an order was answered ${refusal[0]}: ${refusal[1]}`);
}

async function signInAgain({ urls }: BenchEnvironment, over: AbortSignal): Promise<void> {
  const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const auth = `${urls.userManagement}/api/v1/auth`;
  await post(`${auth}/register`, { ...credentials, firstName: "Load", lastName: "Test" });
  await again(signInsEveryMs, over, async () => {
    const { accessToken } = (await post(`${auth}/login`, credentials)) as { readonly accessToken: string };
    await get(`${urls.userManagement}/api/v1/users/profile`, accessToken);
  });
}

async function again(everyMs: number, over: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!over.aborted) {
    await work();
    await sleep(everyMs);
  }
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return answer(url, await fetch(url, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function get(url: string, token: string): Promise<unknown> {
  return answer(url, await fetch(url, { headers: { authorization: `Bearer ${token}` } }));
}

async function answer(url: string, response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
