import { parseArgs } from "node:util";
import { TradingCalendar } from "../../../packages/bist/calendar";
import { parseLots } from "../../../packages/bist/lots";
import { parsePrice } from "../../../packages/bist/price";
import { calendarChangesText } from "../../../packages/contract/calendar-changes";
import { resolvedStatuses } from "../../../packages/contract/order-resolution";
import { readConfig, section } from "../../../packages/kit/config/read";
import { maybe, oneOf, otherwise } from "../../../packages/kit/config/variables";
import { runDatabaseCommand, UsageError } from "../../../packages/kit/database/command";
import { resolveOrder } from "../application/resolve-order";
import type { Resolution } from "../application/resolve-order";

const usage =
  `usage: resolve-order <order id> --as ${resolvedStatuses.join("|")} --evidence <text> --operator <who> ` +
  "[--filled <lots>] [--average <price>] [--reference <broker's reference>] [--repriced-to <price>] [--version <number>] [--dry-run]";

/** As the service reads them: when fills are made, and when they settle. */
const hoursSection = section(
  {
    TRADING_HOURS: otherwise(oneOf("exchange", "always"), "exchange"),
    BIST_CALENDAR_CHANGES: maybe(calendarChangesText),
  },
  ({ TRADING_HOURS, BIST_CALENDAR_CHANGES }) => ({
    hours: TRADING_HOURS,
    calendar: new TradingCalendar(BIST_CALENDAR_CHANGES),
  }),
);

const options = {
  as: { type: "string" },
  filled: { type: "string" },
  average: { type: "string" },
  reference: { type: "string" },
  "repriced-to": { type: "string" },
  evidence: { type: "string" },
  operator: { type: "string" },
  version: { type: "string" },
  "dry-run": { type: "boolean", default: false },
} as const;

/** @throws UsageError */
function read(args: readonly string[]): { readonly resolution: Resolution; readonly dryRun: boolean } {
  const { values, positionals } = parsed(args);
  const [orderId = "", ...others] = positionals;
  const { filled, average, reference, evidence = "", operator = "", version, "repriced-to": repricedTo } = values;
  const status = resolvedStatuses.find((one) => one === values.as);
  const isUsable =
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(orderId) &&
    others.length === 0 &&
    evidence.trim() !== "" &&
    evidence.length <= 2_000 &&
    operator !== "" &&
    (filled === undefined || /^\d{1,15}$/.test(filled)) &&
    (repricedTo === undefined || isPrice(repricedTo)) &&
    (version === undefined || /^\d{1,9}$/.test(version));
  if (status === undefined || !isUsable) throw new UsageError(usage);
  return {
    resolution: {
      orderId,
      status,
      filled: filled === undefined ? undefined : parseLots(filled),
      average,
      reference,
      repricedTo: repricedTo === undefined ? undefined : parsePrice(repricedTo),
      version: version === undefined ? undefined : Number(version),
      evidence: evidence.trim(),
      operator,
    },
    dryRun: values["dry-run"],
  };
}

const isPrice = (text: string): boolean => /^\d{1,12}(?:\.\d{1,2})?$/.test(text) && parsePrice(text) > 0n;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
}

/** `resolve-order`: settles an order in doubt; its answer is as `resolveOrderAnswerSchema` describes it. */
void runDatabaseCommand("resolve-order", (database) => {
  const { hours } = readConfig({ hours: hoursSection });
  const { resolution, dryRun } = read(process.argv.slice(2));
  return resolveOrder(database, resolution, { hours, dryRun });
});
