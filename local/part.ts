import type { Output } from "../lib/display/display";
import type { Settings } from "./settings";

/** One run of `npm start`. */
export interface Session {
  readonly settings: Settings;
  readonly output: Output;
  /** Aborted by Ctrl-C: what runs then comes to an orderly end. */
  readonly interrupt: AbortSignal;
}

/** Something that `npm start` brings up and `npm stop` takes down. */
export interface Part {
  /** By which a developer asks for it alone. */
  readonly name: string;
  /**
   * Brings it up, or finds that it is up.
   *
   * @returns lines for the end of the run: what there is now, and how to look inside
   * @throws Error whose message says what is wrong and what to do
   */
  start(session: Session): Promise<readonly string[]>;
  /** Takes it down; no process is left and what it held is kept. Returns what there is to tell. */
  stop(): Promise<readonly string[]>;
  /** Takes it down and forgets what it held. Returns what there is to tell. */
  erase(): Promise<readonly string[]>;
}
