import { Argument, InvalidArgumentError, Option } from "commander";
import { resolvedStatuses } from "../../app/packages/contract/order-resolution";
import type { DoubtfulOrder } from "../../app/packages/contract/order-resolution";
import { action, query } from "../core/command";
import type { Command } from "../core/command";
import { doubtfulOrders, inWords, linesOf, planResolution, resolveAsPlanned, whatDecides } from "../trading/orders";
import type { ResolutionPlan, Verdict } from "../trading/orders";

const doubtful = query({
  name: "orders doubtful",
  summary: "Lists orders whose outcome is not known, oldest first, and what decides each",
  explanation:
    "An order is in doubt when the answer to its submission was not seen, or when its day ended while it was open and " +
    "nobody saw how. Most settle by themselves as soon as the broker answers; `orders resolve` settles what does not.\n\n" +
    "Ids of users are shown, and nothing else of them.",
  examples: [{ line: "orders doubtful --env production", description: "with the reason, and where the answer is" }],
  async answer(context) {
    const { orders, total } = await doubtfulOrders(context);
    const more = total > orders.length ? [`... and ${total - orders.length} more.`] : [];
    return {
      lines: total === 0 ? ["No order is in doubt."] : [...orders.flatMap(describe), ...more],
      data: { orders, total },
    };
  },
});

function describe(order: DoubtfulOrder): readonly string[] {
  const { orderId, userId, filledQuantity, averageFillPrice, since, tradingDay, brokerReference, reason } = order;
  const average = averageFillPrice === null ? "" : ` at ${averageFillPrice} on average`;
  return [
    `${orderId}  ${inWords(order)}, ${filledQuantity} filled${average}`,
    `  user ${userId}, submitted on ${tradingDay ?? "no day"}, reference ${brokerReference ?? "not known"}`,
    `  in doubt since ${since}: ${reason ?? "no reason is kept"}`,
    `  decided by ${whatDecides(order)}`,
  ];
}

const resolve = action<Verdict, ResolutionPlan>({
  name: "orders resolve",
  summary: "Settles an order in doubt by what the broker's own records say, with that evidence",
  explanation:
    "For an order of `orders doubtful` that does not settle by itself. Fills that were not known become an execution and a " +
    "transaction, and its owner sees the order's end at once. It is written down for ever who settled it, when and by " +
    "what evidence; there is no way back.\n\n" +
    "Everything is tried before anything changes, and a verdict is refused that contradicts what is known: more filled " +
    "than ordered or less than seen, a price worse than the limit, the reference of another order, an order that is not " +
    "in doubt any more. Say in the evidence which record you read and when, and no personal data.",
  arguments: [new Argument("<orderId>", "id of the order, as `orders doubtful` shows it").argParser(orderId)],
  options: [
    new Option("--as <status>", "how it ended").choices(resolvedStatuses).makeOptionMandatory(),
    new Option("--filled <lots>", "lots filled in all; needed with CANCELLED and EXPIRED").argParser(lots),
    new Option("--average <price>", "average price of all lots filled, such as 101.523333"),
    new Option("--reference <reference>", "the broker's reference, such as FO1AB2; needed with fills"),
    new Option("--repriced-to <price>", "the price that it had last, where it was not changed from here").argParser(
      price,
    ),
    new Option("--evidence <text>", "the record that says so").argParser(evidence).makeOptionMandatory(),
  ],
  examples: [
    {
      line:
        "orders resolve 0b9f3f7e-6c1d-4c39-9a57-3f0c8f1d2e4b --env staging --as CANCELLED --filled 1517 " +
        '--average 10.05 --reference FO1AB2 --evidence "account statement of 2026-11-27, read on 2026-11-28"',
      description: "1,517 lots were filled before it was cancelled",
    },
    {
      line:
        "orders resolve 0b9f3f7e-6c1d-4c39-9a57-3f0c8f1d2e4b --env staging --as REJECTED " +
        '--evidence "not among the orders of 2026-11-27 on the broker\'s screen" --dry-run',
      description: "what it would do, had the order never arrived",
    },
  ],
  plan: (context, { orderId, as, filled, average, reference, repricedTo, evidence }) =>
    planResolution(context, { orderId, as, filled, average, reference, repricedTo, evidence }),
  preview: ({ order, done }) =>
    linesOf(order).map((line) => `  ${done ? "change nothing: it is so already: " : ""}${line}`),
  recorded: ({ verdict }) => ({ ...verdict }),
  async act(context, plan) {
    const order = plan.done ? plan.order : await resolveAsPlanned(context, plan);
    return { lines: [...linesOf(order), ...(plan.done ? ["It was settled so before."] : [])], data: order };
  },
});

function orderId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return id;
  throw new InvalidArgumentError("Use an order's id, as `orders doubtful` shows it.");
}

function lots(text: string): string {
  if (/^\d{1,15}$/.test(text)) return text;
  throw new InvalidArgumentError("Use whole lots, such as 1517.");
}

function price(text: string): string {
  if (/^\d{1,12}(\.\d{1,2})?$/.test(text) && Number(text) > 0) return text;
  throw new InvalidArgumentError("Use lira with a decimal point and at most two places, such as 101.55.");
}

const MOST_CHARACTERS = 2_000;

function evidence(text: string): string {
  const trimmed = text.trim();
  if (trimmed !== "" && trimmed.length <= MOST_CHARACTERS) return trimmed;
  throw new InvalidArgumentError(`Say in 1 to ${MOST_CHARACTERS} characters which record of the broker says so.`);
}

/** Commands about orders whose outcome is not known. */
export const orderCommands: readonly Command[] = [doubtful, resolve];
