import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { parseLots } from "../bist/lots";
import { parsePrice } from "../bist/price";
import type { Exchange } from "./exchange";
import { Refusal } from "./exchange";
import { faultKinds } from "./faults";
import type { Faults } from "./faults";
import { readHabits } from "./habits";
import type { Habits } from "./habits";
import { answerJson, bodyOf } from "./http";
import type { Sessions } from "./sessions";
import type { PublishedTrade } from "./published-trade";
import { strangeRows } from "./strange-rows";

const faultRule = z.strictObject({
  at: z.string(),
  kind: z.enum(faultKinds),
  customer: z.string().optional(),
  times: z.int().positive().optional(),
  delayMs: z.int().nonnegative().optional(),
});
const extraRows = z.strictObject({
  endpoint: z.string(),
  customer: z.string(),
  rows: z.union([z.literal("strange"), z.array(z.record(z.string(), z.unknown()))]),
});
const clock = z.strictObject({ aheadMs: z.int() });
const fill = z.strictObject({ reference: z.string(), quantity: z.string(), price: z.string() });
const trades = z.strictObject({
  symbol: z.string(),
  price: z.string().transform(parsePrice).optional(),
  quantity: z.int().positive().optional(),
  side: z.enum(["B", "S"]).optional(),
  times: z.int().positive().max(10_000).optional(),
  at: z.string().optional(),
  market: z.string().optional(),
});

/** What the side door steers. */
export interface Administered {
  readonly faults: Faults;
  readonly sessions: Sessions;
  readonly exchange: Exchange;
  habits: Habits;
  clockAheadMs: number;
  /** The last SMS code of a customer. */
  smsCode(customer: string): string | undefined;
  /** Lets the market trade so many times. */
  advance(trades: number): void;
  publish(trade: PublishedTrade): void;
  setExtraRows(endpoint: string, customer: string, rows: readonly Record<string, unknown>[]): void;
}

type Deed = (simulator: Administered, argument: string, body: unknown) => unknown;

const deeds: Readonly<Record<string, Deed>> = {
  "GET faults": ({ faults }) => faults.rules,
  "POST faults": ({ faults }, _, body) => {
    const rule = faultRule.parse(body);
    faults.add(rule);
    return rule;
  },
  "DELETE faults": ({ faults }) => {
    faults.clear();
    return [];
  },
  "GET habits": ({ habits }) => habits,
  "POST habits": (simulator, _, body) => (simulator.habits = { ...simulator.habits, ...readHabits(body) }),
  "POST rows": (simulator, _, body) => {
    const { endpoint, customer, rows } = extraRows.parse(body);
    const put = rows === "strange" ? Object.values(strangeRows(endpoint, new Date(), simulator.habits)) : rows;
    simulator.setExtraRows(endpoint, customer, put);
    return put;
  },
  "POST clock": (simulator, _, body) => {
    simulator.clockAheadMs = clock.parse(body).aheadMs;
    return {};
  },
  "POST trades": (simulator, _, body) => {
    simulator.publish(trades.parse(body));
    return {};
  },
  "POST fill": ({ exchange }, _, body) => {
    const { reference, quantity, price } = fill.parse(body);
    exchange.fill(reference, parseLots(quantity), parsePrice(price));
    return {};
  },
  "POST auction": ({ exchange }, argument) => {
    if (argument === "start") exchange.startAuction();
    else exchange.endAuction();
    return { inAuction: exchange.inAuction };
  },
  "POST end-day": ({ exchange }) => {
    exchange.endDay();
    return {};
  },
  "POST advance": (simulator, argument) => {
    simulator.advance(Number.parseInt(argument, 10) || 1);
    return {};
  },
  "POST expire": ({ sessions }) => {
    sessions.expire();
    return {};
  },
};

/**
 * The simulator's own side door, which the broker does not have:
 * - `GET /simulator/sms/<customer>` the last SMS code
 * - `GET | POST | DELETE /simulator/faults` the script of faults
 * - `GET | POST /simulator/habits` what the broker does where the sources leave it open; some by name
 * - `POST /simulator/rows` rows put into a customer's list as they are, or "strange" ones
 * - `POST /simulator/clock` how far the market's clock is ahead
 * - `POST /simulator/trades` trades as told, also equal ones and ones of any time
 * - `POST /simulator/fill` fills an order in part
 * - `POST /simulator/auction/<start or end>` a call auction
 * - `POST /simulator/end-day` ends the day's orders
 * - `POST /simulator/advance/<trades>` lets the market trade
 * - `POST /simulator/expire` ends every session
 */
export async function admin(
  simulator: Administered,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , what = "", argument = ""] = (request.url ?? "").split("?")[0]?.split("/") ?? [];
  const name = `${request.method ?? ""} ${what}`;
  if (name === "GET sms") {
    const code = simulator.smsCode(decodeURIComponent(argument));
    answerJson(response, code === undefined ? 404 : 200, { code });
    return;
  }
  const deed = deeds[name];
  if (deed === undefined) {
    const known = ["GET sms", ...Object.keys(deeds)].join(", ");
    answerJson(response, 404, { message: `the simulator has ${known}` });
    return;
  }
  try {
    const text = await bodyOf(request);
    const result = deed(simulator, argument, text === "" ? {} : JSON.parse(text));
    answerJson(response, what === "faults" && request.method === "POST" ? 201 : 200, result);
  } catch (error) {
    const isKnown = error instanceof z.ZodError || error instanceof Refusal || error instanceof RangeError;
    if (!isKnown && !(error instanceof SyntaxError)) throw error;
    answerJson(
      response,
      400,
      error instanceof z.ZodError ? { errors: z.treeifyError(error) } : { message: error.message },
    );
  }
}
