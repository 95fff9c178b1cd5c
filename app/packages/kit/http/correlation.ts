import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const usable = /^[\w.:-]{1,128}$/;

/** The caller's x-correlation-id, else the trace that the request belongs to (W3C traceparent), else a new one. */
export function correlationId({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers["x-correlation-id"];
  if (typeof given === "string" && usable.test(given)) return given;
  const traceparent = headers["traceparent"];
  const trace = typeof traceparent === "string" ? /^[\da-f]{2}-([\da-f]{32})-/.exec(traceparent)?.[1] : undefined;
  return trace ?? randomUUID();
}
