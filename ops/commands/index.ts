import type { Command } from "../core/command";
import { health } from "./health";
import { maintenanceCommands } from "./maintenance";
import { operationCommands } from "./operation";
import { release } from "./release";
import { rollback } from "./rollback";
import { smoke } from "./smoke";
import { status } from "./status";

/** Every command, in the order of the help. A new one is a file beside this one, and a word here. */
export const commands: readonly Command[] = [
  status,
  release,
  rollback,
  health,
  smoke,
  ...maintenanceCommands,
  ...operationCommands,
];
