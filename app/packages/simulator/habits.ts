import { z } from "zod";
import { Random } from "./random";

/**
 * What the sources of AlgoLab leave open: every answer to each question, the one with the best evidence first. A client
 * must come out right under each.
 */
export const habitChoices = {
  /** Names in the envelope; answers of early 2023 and the C# sample have `Success`. */
  envelopeNames: ["camelCase", "PascalCase"],
  /** `message` of CashFlow and AccountExtre, under `success: true`: the documentation prints "Canceled". */
  readMessage: ["", "Canceled"],

  // How TodaysTransaction lists an order.
  /** Prices and amounts: six decimals in the documentation, as few as needed in the listing of 2024. */
  orderDecimals: ["six", "trimmed"],
  /** Decimals to which the average of the fills is rounded, and how. */
  averageDecimals: [6, 2, 3, 4, 5],
  averageRounding: ["halfUp", "cutOff"],
  /** A part fill that ended: its description, its state, what remains, its amount. */
  endedPartDescription: ["Silindi", "Kısmi Gerçekleşti", "Gerçekleşti"],
  endedPartState: ["DELETED", "DONE", "PARTIAL"],
  endedPartRemaining: ["zero", "rest"],
  /** `amount` of an order with fills: size × limit (a sell of 115 at 8.89 filled at 8.9 shows 1022.35), or what was paid. */
  filledAmount: ["ordered", "paid"],
  /** A part fill that goes on; and its state where the order was repriced before. */
  openPartDescription: ["Kısmi Gerçekleşti", "İletildi"],
  repricedPartState: ["IMPROVE_DEMAND", "PARTIAL"],
  /** Flags while a request to delete or reprice is under way. */
  pendingFlags: ["11101", "00000"],
  /** `waitingprice` of a market order: nothing, or the worst price that it may get. */
  marketWaitingPrice: ["0", "", "limit"],
  timeInForce: ["0", ""],
  /** `20240730FO1AB2`, or `0000-291B5D-IET` of 2022. */
  transactionIds: ["2024", "2022"],
  /** An order that the day's end finds open, in what is left of the day. */
  dayEndDescription: ["Silindi", "İletildi"],

  // How requests are answered.
  /** Where ModifyOrder and DeleteOrder say IYILESOK or Success, and what their content is. */
  acknowledgedIn: ["both", "message", "content"],
  acknowledgementContent: ["object", "text"],
  /** How an order is refused: `success: true` with the text as content or message, `success: false`, or in the list alone. */
  orderRefusal: ["trueContent", "trueMessage", "false", "listed"],
  /** How a request to delete or reprice is refused; "listed" acknowledges it, and the list says … Reddedildi. */
  requestRefusal: ["false", "trueMessage", "trueContent", "listed"],
  /** How many lists show a request as taken (… Talebi Alındı) before it is carried out. */
  listsUntilCarriedOut: [0, 1, 3],
  /** A market order in a call auction. */
  auctionMarketOrder: ["rests", "refused"],

  // Other answers.
  riskForm: ["list", "object"],
  /** `totalamount` of the total row. */
  positionTotalAmount: ["0", ""],
  /** Price limits of an instrument without any. */
  noLimits: ["", "0.000"],
  candles: ["answers", "404", "401", "refuses"],
  candleDates: ["local", "offset"],
  orderHistory: ["401", "404"],
  /** When the fills of a day are in AccountExtre: from midnight, in the evening at 20:00, or on their value date. */
  statementAvailable: ["nextDay", "evening", "valueDate"],
  /** Rows of AccountExtre: one an order, as in the listing of 2024, or one a fill. */
  statementRows: ["order", "fill"],
  /** Whether the fills of a day are there at once, or appear one by one, six hours apart, the last ones after eighteen. */
  statementAppearance: ["together", "oneByOne"],

  // The socket.
  depthRows: [10, 20],
  depthFirstRow: [0, 1],
  depthDates: ["sevenDecimals", "wholeSeconds"],
  /** What a new subscription to trades is sent first, of each of its symbols. */
  tradesRepeated: ["none", "last", "lastThree"],
  /** Order messages of 2024 (numbers, Id of 32 hex digits, a channel), or of 2022 (words, Id of five letters, no channel). */
  orderMessages: ["2024", "2022"],
  /** `Direction` of a purchase, and `PriceType` of a limit order, in order messages of 2024. */
  buyDirection: [0, 1],
  limitPriceType: [0, 1],
  /** Whether `ExecutedLot` counts this execution or all of them. */
  executedLot: ["execution", "total"],

  // How calls are counted.
  rateScope: ["customer", "session"],
  rateCountsLogins: [false, true],
  rateMeasured: ["startToStart", "endToStart"],
} as const satisfies Readonly<Record<string, readonly (string | number | boolean)[]>>;

type Choices = typeof habitChoices;
/** One answer to each open question: how a broker behaves. */
export type Habits = { readonly [Name in keyof Choices]: Choices[Name][number] };

function choose(indexOf: (values: readonly unknown[], habit: number) => number): Habits {
  return Object.fromEntries(
    Object.entries(habitChoices).map(([name, values], habit) => [name, values[indexOf(values, habit)]]),
  ) as unknown as Habits;
}

/** The answers with the best evidence. */
export const defaultHabits: Habits = choose(() => 0);

const combinations = 8;

/**
 * Whole sets of habits, the best-evidenced first, in which every value occurs. Habits of two values alternate in
 * patterns of their own, so that most pairs of values meet too.
 */
export const habits: readonly Habits[] = Array.from({ length: combinations }, (_, combination) =>
  choose((values, habit) =>
    values.length === 2
      ? parity(combination & ((habit % (combinations - 1)) + 1))
      : (combination + Math.floor(combination / values.length) * habit) % values.length,
  ),
);

function parity(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length % 2;
}

/** Habits drawn by chance: the same seed gives the same. */
export function habitsOf(seed: number): Habits {
  const random = new Random(seed);
  return choose((values) => random.between(0, values.length - 1));
}

const someHabits = z.partialRecord(
  z.enum(Object.keys(habitChoices) as [keyof Choices, ...(keyof Choices)[]]),
  z.union([z.string(), z.number(), z.boolean()]),
);

/** @param chosen some habits by name. @throws ZodError or RangeError that names what is no habit, or no value of one */
export function readHabits(chosen: unknown): Partial<Habits> {
  const read = someHabits.parse(chosen);
  for (const [name, value] of Object.entries(read)) {
    const values: readonly unknown[] = habitChoices[name as keyof Choices];
    if (!values.includes(value)) throw new RangeError(`${name} is one of ${JSON.stringify(values)}`);
  }
  return read as Partial<Habits>;
}
