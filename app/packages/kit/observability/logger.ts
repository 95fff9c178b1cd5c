import pino from "pino";
import type { DestinationStream, Logger } from "pino";

export type { Logger } from "pino";

/** Names of fields whose values never reach a log, at the top of an object or one or two levels inside it. */
const secretFields = [
  "authorization",
  "cookie",
  "set-cookie",
  "password",
  "currentPassword",
  "newPassword",
  "tckn",
  "token",
  "accessToken",
  "refreshToken",
  "apikey",
  "apiKey",
  "secret",
  "code",
  "hash",
  "sealingKey",
  "hashingKey",
  "signingKey",
];

const quoted = (name: string) => (/^\w+$/.test(name) ? name : `["${name}"]`);
const nested = (prefix: string, name: string) => (/^\w+$/.test(name) ? `${prefix}.${name}` : `${prefix}["${name}"]`);

/** One JSON line an event, with the service's name, and secrets left out. */
export const createLogger = (service: string, level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { service },
      timestamp: isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretFields.flatMap((name) => [quoted(name), nested("*", name), nested("*.*", name)]),
        censor: "[redacted]",
      },
    },
    destination ?? pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 }),
  );

let last = { epochMs: 0, text: "" };

/** A line's time, made once a millisecond however many lines fall into it. */
export function isoTime(): string {
  const epochMs = Date.now();
  if (epochMs !== last.epochMs) last = { epochMs, text: `,"time":"${new Date(epochMs).toISOString()}"` };
  return last.text;
}
