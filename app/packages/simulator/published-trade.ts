import type { Kurus } from "../bist/price";

/** A trade that is told as it is, and not as the market makes it. */
export interface PublishedTrade {
  readonly symbol: string;
  /** @default the last one */
  readonly price?: Kurus;
  /** @default 100 */
  readonly quantity?: number;
  /** @default "B" */
  readonly side?: "B" | "S";
  /** How many equal trades. @default 1 */
  readonly times?: number;
  /** Exchange time, or text for whatever is to stand there. @default now */
  readonly at?: Date | string;
  /** @default IMKBH */
  readonly market?: string;
}
