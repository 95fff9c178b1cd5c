import { z } from "zod";

/** How an order in doubt can turn out to have ended. */
export const resolvedStatuses = ["FILLED", "CANCELLED", "EXPIRED", "REJECTED"] as const;
export type ResolvedStatus = (typeof resolvedStatuses)[number];

const lots = z.string().regex(/^\d+$/);

/** An order whose outcome is not known, without personal data. Amounts are decimal text. */
export const doubtfulOrderSchema = z.strictObject({
  orderId: z.guid(),
  userId: z.guid(),
  symbol: z.string(),
  side: z.enum(["BUY", "SELL"]),
  quantity: lots,
  filledQuantity: lots,
  averageFillPrice: z.string().nullable(),
  /** The limit; null for a market order. */
  price: z.string().nullable(),
  /** Since when its outcome has not been known. */
  since: z.iso.datetime(),
  /** Istanbul date of its submission. */
  tradingDay: z.string().nullable(),
  brokerReference: z.string().nullable(),
  /** Why, as its owner sees it: `CODE: text`. */
  reason: z.string().nullable(),
  version: z.int().min(1),
  /** Where the answer is to be found: on the broker's screen within its trading day, in the account statement after it. */
  decidedBy: z.enum(["BROKER_SCREEN", "ACCOUNT_STATEMENT"]),
});
export type DoubtfulOrder = Readonly<z.infer<typeof doubtfulOrderSchema>>;

/** What `doubtful-orders` prints as its last line. */
export const doubtfulOrdersSchema = z.strictObject({
  orders: z.array(doubtfulOrderSchema),
  /** How many there are in all: no more than a few hundred are listed. */
  total: z.int().min(0),
});

/** How an order in doubt ended, once an operator said so. */
export const resolvedOrderSchema = z.strictObject({
  orderId: z.guid(),
  userId: z.guid(),
  from: z.string(),
  to: z.enum(resolvedStatuses),
  quantity: lots,
  filledBefore: lots,
  filledQuantity: lots,
  averageFillPrice: z.string().nullable(),
  brokerReference: z.string().nullable(),
  /** The fills that were not known before; null when there are none. */
  execution: z
    .strictObject({
      quantity: lots,
      price: z.string(),
      /** The price comes from the broker's averages, and is brought between the order's bounds. */
      priceDerived: z.boolean(),
      settlementDate: z.iso.date(),
    })
    .nullable(),
  /** Of the order that was judged; one that has changed since is not resolved. */
  version: z.int().min(1),
  evidence: z.string(),
  operator: z.string(),
});
export type ResolvedOrder = Readonly<z.infer<typeof resolvedOrderSchema>>;

/** What `resolve-order` prints as its last line: a refusal is an answer, and changed nothing. */
export const resolveOrderAnswerSchema = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("refused"), reasons: z.array(z.string()).min(1) }),
  /** A dry run: done whole, and rolled back. */
  z.strictObject({ outcome: z.literal("possible"), order: resolvedOrderSchema }),
  z.strictObject({ outcome: z.literal("resolved"), order: resolvedOrderSchema }),
  /** The same was said before, by the same operator. */
  z.strictObject({ outcome: z.literal("resolved before"), order: resolvedOrderSchema }),
]);
export type ResolveOrderAnswer = Readonly<z.infer<typeof resolveOrderAnswerSchema>>;
