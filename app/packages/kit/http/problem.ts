import { STATUS_CODES } from "node:http";

/** Members of an RFC 9457 problem beside the standard ones. */
export type ProblemExtensions = Readonly<Record<string, unknown>>;

export interface ProblemOptions {
  /** Seconds after which the caller may try again; becomes the Retry-After header. */
  readonly retryAfterSeconds?: number;
  readonly extensions?: ProblemExtensions;
  readonly cause?: unknown;
}

/** An answer that is an error, as RFC 9457 problem details with a stable `code`. Throw it anywhere below a route. */
export class Problem extends Error {
  override readonly name = "Problem";

  /**
   * @param status HTTP status
   * @param code stable and machine-readable, such as ORDER_NOT_FOUND
   * @param detail what went wrong this time, for a person; says nothing that the caller may not know
   */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
  }

  /** The body, of type application/problem+json. */
  body(instance: string, correlationId: string): Record<string, unknown> {
    return {
      ...this.options.extensions,
      type: `urn:bist-trading:problem:${this.code.toLowerCase().replaceAll("_", "-")}`,
      title: STATUS_CODES[this.status] ?? "Error",
      status: this.status,
      code: this.code,
      detail: this.detail,
      instance,
      correlationId,
    };
  }
}

export const badRequest = (code: string, detail: string, options?: ProblemOptions) =>
  new Problem(400, code, detail, options);
export const unauthorized = (code: string, detail: string) => new Problem(401, code, detail);
export const forbidden = (code: string, detail: string) => new Problem(403, code, detail);
/** Also for what exists but belongs to another user: the caller must not learn that it exists. */
export const notFound = (code: string, detail: string) => new Problem(404, code, detail);
export const conflict = (code: string, detail: string, options?: ProblemOptions) =>
  new Problem(409, code, detail, options);
/** Understood and refused by a rule of the business. */
export const unprocessable = (code: string, detail: string, options?: ProblemOptions) =>
  new Problem(422, code, detail, options);
export const tooManyRequests = (code: string, detail: string, retryAfterSeconds: number) =>
  new Problem(429, code, detail, { retryAfterSeconds });
/** The broker was asked and gave no usable answer. */
export const badGateway = (code: string, detail: string, options?: ProblemOptions) =>
  new Problem(502, code, detail, options);
export const unavailable = (code: string, detail: string, options?: ProblemOptions) =>
  new Problem(503, code, detail, options);
