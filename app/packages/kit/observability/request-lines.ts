import pino from "pino";
import type { DestinationStream, Logger } from "pino";
import { isoTime } from "./logger";

/** What the line of a request says; nothing of it can hold a secret. */
export interface RequestLine {
  /** Of the characters that `correlationId` lets through. */
  readonly correlationId: string;
  readonly method: string;
  /** The route's pattern, not the path. */
  readonly route: string;
  readonly status: string;
  readonly durationMs: number;
  readonly userId: string | undefined;
}

/** Where a logger writes, as pino keeps it. */
interface Streaming {
  readonly [pino.symbols.streamSym]: DestinationStream;
}

/**
 * Writes one line a request as the service's logger would, in a tenth of its time: the fields are known, and only the
 * user's id needs escaping.
 */
export function requestLines(log: Logger): (line: RequestLine) => void {
  const stream = (log as unknown as Streaming)[pino.symbols.streamSym];
  const end = `,"service":${JSON.stringify(log.bindings()["service"])},"msg":"request"}\n`;
  return ({ correlationId, method, route, status, durationMs, userId }) => {
    if (!log.isLevelEnabled("info")) return;
    const user = userId === undefined ? "" : `,"userId":${JSON.stringify(userId)}`;
    stream.write(
      `{"level":"info"${isoTime()},"correlationId":"${correlationId}","method":"${method}","route":"${route}",` +
        `"status":"${status}","durationMs":${Math.round(durationMs * 10) / 10}${user}${end}`,
    );
  };
}
