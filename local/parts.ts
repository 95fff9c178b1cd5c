import { aws } from "./aws";
import type { Part } from "./part";

/** What the local platform consists of, in the order in which it is brought up. */
export const parts: readonly Part[] = [aws];
