/** `npm run pipeline -- <command>` */
import { CANNOT_RUN, MissingTool } from "../../lib/missing-tool";
import { PlansRefused } from "./apply";
import { Refused } from "./commands/plans";
import { program } from "./program";

/** Something was found or refused that a person must look at. */
const REFUSED = 3;

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof MissingTool) process.exitCode = CANNOT_RUN;
  else process.exitCode = error instanceof PlansRefused || error instanceof Refused ? REFUSED : 1;
});
