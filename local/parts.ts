import { join } from "node:path";
import { aws } from "./aws";
import { ExclusiveRun } from "./exclusive-run";
import type { Part } from "./part";
import { localFolder } from "./paths";

/** What the local platform consists of, in the order in which it is brought up. */
export const parts: readonly Part[] = [aws];

/** One `npm start` at a time. */
export const starting = new ExclusiveRun(join(localFolder, "start.pid"), "local/start.ts");
