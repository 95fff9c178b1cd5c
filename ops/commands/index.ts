import type { Command } from "../core/command";
import { backup, backups } from "./backup";
import { drill } from "./drill";
import { health } from "./health";
import { maintenanceCommands } from "./maintenance";
import { operationCommands } from "./operation";
import { orderCommands } from "./orders";
import { recoverCommands } from "./recover";
import { release } from "./release";
import { restoreCommands } from "./restore";
import { rollback } from "./rollback";
import { rotate } from "./rotate";
import { smoke } from "./smoke";
import { status } from "./status";
import { tickCommands } from "./ticks";
import { userCommands } from "./users";
import { verifyBackup } from "./verify-backup";

/** Every command, in the order of the help. A new one is a file beside this one, and a word here. */
export const commands: readonly Command[] = [
  status,
  release,
  rollback,
  health,
  smoke,
  ...maintenanceCommands,
  backup,
  backups,
  verifyBackup,
  ...restoreCommands,
  ...recoverCommands,
  rotate,
  drill,
  ...orderCommands,
  ...userCommands,
  ...tickCommands,
  ...operationCommands,
];
