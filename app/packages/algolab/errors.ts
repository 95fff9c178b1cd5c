/** What can be concluded from a call that gave no answer. */
export type CallFailure =
  /** Surely not received: no connection was made, or the caller gave up before sending. */
  | "NOT_SENT"
  /** Sent, and no answer was seen: it may have been carried out. */
  | "UNOBSERVED"
  /** Answered, in a form that cannot be read: it may have been carried out. */
  | "UNREADABLE"
  /** Answered 401; nothing was carried out. Some endpoints answer it while the session lives: ask another before believing it. */
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
