/** Why an order, or a request to change one, came to its status. Codes are part of the API; texts are for people. */
export const reasonCodes = [
  "INVALID_QUANTITY",
  "INVALID_PRICE_TICK",
  "PRICE_OUT_OF_LIMITS",
  "MARKET_CLOSED",
  "INVALID_SYMBOL",
  "UNSUPPORTED_INSTRUMENT",
  "ORDER_TYPE_NOT_ALLOWED",
  "NOT_SENT_IN_TIME",
  "NOT_SENT",
  "LEASE_LOST",
  "BROKER_SESSION_EXPIRED",
  "USER_SUSPENDED",
  "BROKER_REFUSED",
  "BROKER_REPORT",
  "ENDED_IN_PART",
  "ANSWER_NOT_SEEN",
  "ANSWER_NOT_READ",
  "FOUND_AT_BROKER",
  "NOT_RECEIVED",
  "CANCELLED_BEFORE_SENDING",
  "DAY_ORDER_EXPIRED",
  "END_NOT_KNOWN",
  "FOUND_IN_STATEMENT",
  "ORDER_NOT_OPEN",
  "NOT_APPLIED",
  "RESOLVED_BY_OPERATOR",
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly detail: string;
}

/** A reason as one line, which is how it is stored and shown. */
export const reasonText = ({ code, detail }: Reason): string => `${code}: ${detail}`;

/** The code of a stored reason; undefined for those of before every reason had one. */
export function reasonCodeOf(text: string | undefined): ReasonCode | undefined {
  const first = text?.split(": ")[0];
  return reasonCodes.find((code) => code === first);
}

/** Why what waited too long is not sent any more: the market that it was meant for is gone. */
export const notSentInTime = (withinMs: number): Reason => ({
  code: "NOT_SENT_IN_TIME",
  detail: `not sent within ${withinMs} ms`,
});
