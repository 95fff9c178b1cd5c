import type { IncomingMessage } from "node:http";
import { checker, socketChecker } from "../algolab/crypto";
import type { SimulatedSession, Sessions } from "./sessions";

export interface GateOptions {
  readonly apiKey: string;
  readonly sessions: Sessions;
  /** Least time between two calls of a session; 0 lets everything pass. @default 5000 */
  readonly rateIntervalMs?: number;
  readonly now: () => number;
}

/** What a call is turned away with. */
export interface TurnedAway {
  readonly status: 401 | 429;
  readonly message: string;
}

/** Checks what the broker checks before it looks at a call: key, signature, session, rate. */
export class Gate {
  private readonly lastCall = new Map<string, number>();

  constructor(readonly options: GateOptions) {}

  checkKey(request: IncomingMessage): TurnedAway | undefined {
    return request.headers["apikey"] === this.options.apiKey ? undefined : unauthorized("APIKEY is not known");
  }

  checkCall(request: IncomingMessage, endpoint: string, body: string): SimulatedSession | TurnedAway {
    const signed = body === "{}" ? "" : body;
    if (request.headers["checker"] !== checker(this.options.apiKey, `/api/${endpoint}`, signed)) {
      return unauthorized("Checker does not match the body");
    }
    const session = this.session(request);
    if (session === undefined) return unauthorized("the session is not valid");
    const { rateIntervalMs = 5000 } = this.options;
    const now = this.options.now();
    if (now - (this.lastCall.get(session.hash) ?? -Infinity) < rateIntervalMs) {
      return { status: 429, message: `one call in ${rateIntervalMs} ms` };
    }
    this.lastCall.set(session.hash, now);
    return session;
  }

  checkSocket(request: IncomingMessage): SimulatedSession | undefined {
    if (this.checkKey(request) || request.headers["checker"] !== socketChecker(this.options.apiKey)) return undefined;
    return this.session(request);
  }

  private session(request: IncomingMessage): SimulatedSession | undefined {
    return this.options.sessions.touch(request.headers.authorization ?? "");
  }
}

function unauthorized(message: string): TurnedAway {
  return { status: 401, message };
}
