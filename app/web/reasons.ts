import type { Order, OrderRequest } from "./types";

/** What stands before the text of a reason where that text is another's, or not a sentence by itself. */
const beginnings: Readonly<Record<string, string>> = {
  BROKER_REFUSED: "The broker refused it",
  BROKER_SESSION_EXPIRED: "It was not sent",
  NOT_SENT: "It was not sent",
  NOT_SENT_IN_TIME: "It was not sent",
  LEASE_LOST: "It was not sent",
  NOT_RECEIVED: "The broker did not get it",
  NOT_APPLIED: "It was not done",
};

/** Codes that tell no more than the status beside them. */
const saidAlready = new Set(["BROKER_REPORT", "FOUND_AT_BROKER", "CANCELLED_BEFORE_SENDING"]);

const unknown =
  "What became of it is not known yet. It is not sent again: the broker's list or statement will tell. Placing it anew could trade twice.";

/** A reason as a sentence; the code that it begins with is for programs. */
function sentence(reason: string | null, code: string | null | undefined): string {
  if (reason === null) return "";
  const text = code && reason.startsWith(`${code}: `) ? reason.slice(code.length + 2) : reason;
  const beginning = beginnings[code ?? ""];
  return beginning === undefined ? text.charAt(0).toUpperCase() + text.slice(1) : `${beginning}: ${text}`;
}

/** Why an order is as it is, in words; empty where its status says all. */
export function explained({ status, statusReason, statusReasonCode }: Order): string {
  if (status === "UNKNOWN") return unknown;
  return saidAlready.has(statusReasonCode ?? "") ? "" : sentence(statusReason, statusReasonCode);
}

/** Why a request to change an order was refused, in words. */
export const refusal = ({ reason, reasonCode }: OrderRequest): string => sentence(reason, reasonCode);
