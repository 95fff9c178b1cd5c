import { badRequest } from "../../../packages/kit/http/problem";
import type { HistoryPosition } from "../store/tick-history";

/** A place in the history of ticks as clients hand it back: opaque text. */
export const cursorOf = ({ timestamp, sequence }: HistoryPosition): string =>
  Buffer.from(`${timestamp} ${sequence}`).toString("base64url");

/** @throws Problem 400 INVALID_CURSOR */
export function parseCursor(cursor: string): HistoryPosition {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+03:00) (\d{1,18})$/.exec(
    Buffer.from(cursor, "base64url").toString(),
  );
  const [, timestamp, sequence] = match ?? [];
  if (timestamp === undefined || sequence === undefined || Number.isNaN(Date.parse(timestamp))) {
    throw badRequest("INVALID_CURSOR", "the cursor is not one of this service; use `next` of the page before");
  }
  return { timestamp, sequence };
}
