import { z } from "zod";

export const userStatuses = ["ACTIVE", "SUSPENDED", "DEACTIVATED"] as const;

/** How a user stands, without personal data: what `find-user` prints as its last line. */
export const userStandingSchema = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("none") }),
  z.strictObject({
    outcome: z.literal("found"),
    userId: z.guid(),
    /** Null for a user of an external issuer who may trade: known by an account at the broker alone. */
    status: z.enum(userStatuses).nullable(),
    brokerSession: z.strictObject({
      open: z.boolean(),
      /** Why the last one ended; null while one is open, and where there was none. */
      ended: z.string().nullable(),
    }),
    orders: z.strictObject({
      /** Taken and not sent. */
      notSent: z.int().min(0),
      /** Sent, and not known to have ended. */
      atBroker: z.int().min(0),
    }),
  }),
]);
export type UserStanding = Readonly<Extract<z.infer<typeof userStandingSchema>, { outcome: "found" }>>;
