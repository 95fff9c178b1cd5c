import { join } from "node:path";
import { application } from "./application";
import { aws } from "./aws";
import { ExclusiveRun } from "./exclusive-run";
import { kubernetes } from "./kubernetes";
import type { Part } from "./part";
import { localFolder } from "../lib/paths";

/** What the local platform consists of, in the order in which it is brought up. */
export const parts: readonly Part[] = [aws, kubernetes, application];

/**
 * The parts that the arguments of `npm start` ask for: all, or those after `--only`.
 *
 * @throws Usage that says how to ask
 */
export function wantedParts(args: readonly string[]): readonly Part[] {
  const [option, names = "", ...more] = args;
  if (option === undefined) return parts;
  const wanted = names.split(",");
  const known = option === "--only" && more.length === 0 && wanted.every((name) => parts.some((p) => p.name === name));
  if (!known) throw new Usage(usage);
  return parts.filter(({ name }) => wanted.includes(name));
}

/** Usage of a command, shown after a wrong option. */
export class Usage extends Error {}

const usage = `usage: npm start [-- --only <part>,...]
  --only  brings these parts up and leaves the others as they are: ${parts.map(({ name }) => name).join(", ")}`;

/** One `npm start` at a time. */
export const starting = new ExclusiveRun(join(localFolder, "start.pid"), "local/start.ts");
