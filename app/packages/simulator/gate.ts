import type { IncomingMessage } from "node:http";
import { checker, socketChecker } from "../algolab/crypto";
import type { Habits } from "./habits";
import type { SimulatedSession, Sessions } from "./sessions";

export interface GateOptions {
  /** The API key that signs a customer's calls. */
  readonly keyOf: (customer: string) => string;
  readonly sessions: Sessions;
  readonly habits: () => Habits;
  /** Least time between two calls; 0 lets everything pass. @default 5000 */
  readonly rateIntervalMs?: number;
  readonly now: () => number;
}

/** What a call is turned away with. */
export interface TurnedAway {
  readonly status: 401 | 404 | 429;
  readonly message: string;
}

/** Checks what the broker checks before it looks at a call: key, signature, session, rate. */
export class Gate {
  private readonly lastCall = new Map<string, number>();

  constructor(readonly options: GateOptions) {}

  /** @returns the session that a call belongs to, without counting the call */
  checkCall(request: IncomingMessage, endpoint: string, body: string): SimulatedSession | TurnedAway {
    const signed = body === "{}" ? "" : body;
    return this.session(request, (key) => checker(key, `/api/${endpoint}`, signed));
  }

  checkSocket(request: IncomingMessage): SimulatedSession | undefined {
    const session = this.session(request, socketChecker);
    return "status" in session ? undefined : session;
  }

  /** Whether the key of a request signs the calls of a customer. */
  checkKey(request: IncomingMessage, customer: string): TurnedAway | undefined {
    return keyIn(request) === this.options.keyOf(customer) ? undefined : unauthorized("APIKEY is not known");
  }

  /** Counts a call. @param session undefined for the calls of a login */
  checkRate(customer: string, session: SimulatedSession | undefined): TurnedAway | undefined {
    const { rateIntervalMs = 5000, habits, now } = this.options;
    if (customer === "" || (session === undefined && !habits().rateCountsLogins)) return undefined;
    const counter = this.counter(customer, session);
    const at = now();
    if (at - (this.lastCall.get(counter) ?? -Infinity) < rateIntervalMs) {
      return { status: 429, message: `one call in ${rateIntervalMs} ms` };
    }
    this.lastCall.set(counter, at);
    return undefined;
  }

  /** A call that was counted has been answered. */
  answered(customer: string, session: SimulatedSession | undefined): void {
    const { habits, now } = this.options;
    const counter = this.counter(customer, session);
    if (habits().rateMeasured === "endToStart" && this.lastCall.has(counter)) this.lastCall.set(counter, now());
  }

  private counter(customer: string, session: SimulatedSession | undefined): string {
    const ofSession = session !== undefined && this.options.habits().rateScope === "session";
    return ofSession ? `session ${session.hash}` : `customer ${customer}`;
  }

  private session(request: IncomingMessage, signature: (key: string) => string): SimulatedSession | TurnedAway {
    const { sessions } = this.options;
    const hash = request.headers.authorization ?? "";
    const customer = sessions.live.get(hash)?.customer;
    if (customer === undefined) return unauthorized("the session is not valid");
    const wrongKey = this.checkKey(request, customer);
    if (wrongKey) return wrongKey;
    if (request.headers["checker"] !== signature(keyIn(request)))
      return unauthorized("Checker does not match the body");
    return sessions.touch(hash) ?? unauthorized("the session is not valid");
  }
}

export function keyIn(request: IncomingMessage): string {
  const key = request.headers["apikey"];
  return typeof key === "string" ? key : "";
}

export function unauthorized(message: string): TurnedAway {
  return { status: 401, message };
}
