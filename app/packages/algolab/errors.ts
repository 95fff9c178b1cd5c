/** What can be concluded from a call that gave no answer. */
export type CallFailure =
  /** Surely not received: no connection was made, or the caller gave up before sending. */
  | "NOT_SENT"
  /** Sent, and the answer was not seen or not understood: it may have been carried out. */
  | "UNOBSERVED"
  /** The session is no longer valid; nothing was carried out. */
  | "SESSION_EXPIRED"
  /** Answered 429. Whether the call was carried out is not documented, so callers treat orders as unobserved. */
  | "TOO_FREQUENT"
  /** Understood and refused; nothing was carried out. */
  | "REFUSED";

/** A call to the broker that did not give what was asked for. */
export class AlgolabError extends Error {
  constructor(
    readonly failure: CallFailure,
    readonly endpoint: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`AlgoLab ${endpoint}: ${detail}`, options);
    this.name = "AlgolabError";
  }
}
