import type { Environment } from "../../config";
import type { Platform } from "../platform";
import type { Records } from "./records";
import type { WaitContext } from "./until";

/** What a command works with. */
export interface Context extends WaitContext {
  readonly environment: Environment;
  /** The project's folder: some commands read the sources. */
  readonly root: string;
  /** What commands read and change. */
  readonly platform: Platform;
  /** Where operations keep what they must remember. */
  readonly records: Records;
}
