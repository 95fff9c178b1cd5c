import { Agent, fetch } from "undici";
import type { Dispatcher } from "undici";
import { networkLimits } from "../contract/network-limits";
import { checker } from "./crypto";
import { parseEnvelope } from "./envelope";
import type { Envelope } from "./envelope";
import { AlgolabError } from "./errors";
import { ProxyError } from "./forward-proxy";
import type { ForwardProxy } from "./forward-proxy";

export interface TransportOptions {
  /** Scheme and host, without path: `https://www.algolab.com.tr`. */
  readonly baseUrl: string;
  /** `API-<base64 of 32 bytes>`. */
  readonly apiKey: string;
  /** Time to wait for an answer. @default 15000 */
  readonly timeoutMs?: number;
  /** The only way to the broker. @default its own address */
  readonly proxy?: ForwardProxy | undefined;
  /** Asked right before the first byte of a request, which may have waited for a connection; one that may not leave is NOT_SENT. */
  readonly mayLeave?: () => boolean;
  /** Called after every call: endpoint and `ok`, or how it failed. For metrics. */
  readonly observe?: (endpoint: string, outcome: string, seconds: number) => void;
}

/** Straight to the broker. */
const direct = new Agent({ allowH2: false });

/** Sends one signed call and distinguishes what was refused, what was never sent and what was not seen. */
export class Transport {
  constructor(readonly options: TransportOptions) {}

  /**
   * @param read what is wanted of a successful answer; a SyntaxError or RangeError of it makes the answer UNREADABLE
   * @param isRefusal whether an answer without success refuses the call; one that does not is UNREADABLE
   * @param hash the session's hash; undefined for the two calls of the login
   * @throws AlgolabError
   */
  async call<T>(
    endpoint: string,
    body: Readonly<Record<string, unknown>>,
    read: (answer: Envelope) => T,
    hash?: string,
    isRefusal?: (answer: Envelope) => boolean,
  ): Promise<T> {
    const started = performance.now();
    const observe = (outcome: string) =>
      this.options.observe?.(endpoint, outcome, (performance.now() - started) / 1000);
    try {
      const result = readAnswer(endpoint, await this.exchange(endpoint, body, hash, isRefusal), read);
      observe("ok");
      return result;
    } catch (error) {
      observe(error instanceof AlgolabError ? error.failure.toLowerCase() : "error");
      throw error;
    }
  }

  private async exchange(
    endpoint: string,
    body: Readonly<Record<string, unknown>>,
    hash?: string,
    isRefusal?: (answer: Envelope) => boolean,
  ): Promise<Envelope> {
    const { baseUrl, apiKey, timeoutMs = networkLimits.broker.answerMs, proxy, mayLeave } = this.options;
    const text = JSON.stringify(body);
    const signed = text === "{}" ? "" : text;
    const path = `/api/${endpoint}`;
    const headers: Record<string, string> = { APIKEY: apiKey, "Content-Type": "application/json" };
    if (hash !== undefined) {
      headers["Authorization"] = hash;
      headers["Checker"] = checker(apiKey, path, signed);
    }
    const departure = new Departure(mayLeave);
    let status: number;
    let answer: string;
    try {
      const response = await fetch(`${baseUrl}/api${path}`, {
        method: "POST",
        headers,
        body: text,
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher: departure.watch(proxy?.dispatcher ?? direct),
      });
      status = response.status;
      answer = await response.text();
    } catch (cause) {
      throw connectionError(endpoint, cause, departure.begun);
    }
    return successOf(endpoint, status, answer, isRefusal);
  }
}

/**
 * Whether a request has begun to leave. Until then whatever fails (a name, a connection, a proxy, TLS, or the time that
 * they took) has failed before its first byte; undici writes a request only once it has told its handler so.
 */
class Departure {
  begun = false;

  constructor(private readonly mayLeave: () => boolean = () => true) {}

  watch(dispatcher: Dispatcher): Dispatcher {
    return dispatcher.compose((dispatch) => (options, handler) => {
      const start = handler.onRequestStart?.bind(handler);
      handler.onRequestStart = (...args) => {
        if (!this.mayLeave()) throw new WithheldError();
        this.begun = true;
        start?.(...args);
      };
      return dispatch(options, handler);
    });
  }
}

class WithheldError extends Error {
  override readonly message = "it may not be sent any more";
}

function connectionError(endpoint: string, cause: unknown, sent: boolean): AlgolabError {
  const reason = propertyOf(cause, "cause");
  if (sent) {
    const code = codeOf(cause) ?? codeOf(reason) ?? String(cause);
    return new AlgolabError("UNOBSERVED", endpoint, `no answer (${code})`, { cause });
  }
  const isOurs = reason instanceof ProxyError || reason instanceof WithheldError;
  const detail = isOurs ? reason.message : (codeOf(cause) ?? codeOf(reason) ?? String(cause));
  return new AlgolabError("NOT_SENT", endpoint, `not sent (${detail})`, { cause });
}

/** `code` of a system or client error; `fetch` puts the one that matters into its error's cause. */
function codeOf(error: unknown): string | undefined {
  const code = propertyOf(error, "code");
  return typeof code === "string" ? code : undefined;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function readAnswer<T>(endpoint: string, answer: Envelope, read: (answer: Envelope) => T): T {
  try {
    return read(answer);
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    throw new AlgolabError("UNREADABLE", endpoint, `an answer of another form than documented: ${cause.message}`, {
      cause,
    });
  }
}

/** @throws AlgolabError for anything but an answer that says success */
function successOf(
  endpoint: string,
  status: number,
  answer: string,
  isRefusal: (answer: Envelope) => boolean = () => true,
): Envelope {
  if (status === 401) throw new AlgolabError("SESSION_EXPIRED", endpoint, "the session is not valid (401)");
  if (status === 429) throw new AlgolabError("TOO_FREQUENT", endpoint, "too many calls (429)");
  let envelope;
  try {
    envelope = parseEnvelope(answer);
  } catch (cause) {
    throw new AlgolabError("UNREADABLE", endpoint, `an answer that cannot be read (status ${status})`, { cause });
  }
  if (status >= 500) throw new AlgolabError("UNOBSERVED", endpoint, `status ${status}: ${envelope.message}`);
  if (!envelope.success || status >= 400) {
    if (!isRefusal(envelope)) throw new AlgolabError("UNREADABLE", endpoint, "neither success nor a refusal");
    throw new AlgolabError("REFUSED", endpoint, envelope.message || `refused without a reason (status ${status})`);
  }
  return envelope;
}
