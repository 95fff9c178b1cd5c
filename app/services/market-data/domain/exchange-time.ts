/** An exchange time: as milliseconds for arithmetic, and as the text that clients and PostgreSQL read. */
export interface ExchangeTime {
  readonly epochMs: number;
  /** Istanbul time to the microsecond without trailing zeros: `2026-11-23T10:00:00.25+03:00`. One instant, one text. */
  readonly text: string;
}

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;
const istanbulOffsetMs = 3 * 3_600_000;

/** Consecutive ticks share their second: reading it once is enough. */
let last = { second: "", epochMs: 0, text: "" };

/** What was read last: ticks of one millisecond come together. */
let previous: { readonly written: string; readonly time: ExchangeTime } | undefined;

/** Reads the broker's time; without an offset it is Istanbul's. `undefined` when it is no time. */
export function parseExchangeTime(written: string | undefined): ExchangeTime | undefined {
  if (written === undefined) return undefined;
  if (written === previous?.written) return previous.time;
  const time = read(written);
  if (time !== undefined) previous = { written, time };
  return time;
}

/** An instant of this process's clock as `ExchangeTime` writes it. */
export const exchangeTimeText = (epochMs: number): string =>
  `${new Date(epochMs + istanbulOffsetMs)
    .toISOString()
    .slice(0, 23)
    .replace(/\.?0+$/, "")}+03:00`;

function read(written: string): ExchangeTime | undefined {
  const match = pattern.exec(written);
  if (match === null) return undefined;
  const second = `${match[1] ?? ""}${match[3] ?? "+03:00"}`;
  if (second !== last.second) {
    const epochMs = Date.parse(second);
    if (Number.isNaN(epochMs) || !isDate(second.slice(0, 10))) return undefined;
    last = { second, epochMs, text: new Date(epochMs + istanbulOffsetMs).toISOString().slice(0, 19) };
  }
  const fraction = match[2] === undefined ? "" : match[2].slice(0, 6).replace(/0+$/, "");
  if (fraction === "") return { epochMs: last.epochMs, text: `${last.text}+03:00` };
  return {
    epochMs: last.epochMs + Number(fraction.slice(0, 3).padEnd(3, "0")),
    text: `${last.text}.${fraction}+03:00`,
  };
}

/** `Date.parse` takes 30 February for 2 March. */
const isDate = (text: string) => new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
