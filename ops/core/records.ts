/** A text under a key, and its version. */
export interface Stored {
  readonly text: string;
  /** Changes with every write. */
  readonly version: string;
}

/**
 * Where operations keep what they must remember: few, small texts, written under a condition, so that of any number of
 * writers one wins.
 */
export interface Records {
  read(key: string): Promise<Stored | undefined>;
  /**
   * Writes if nothing has been written since: the version that was read, or undefined where nothing was.
   *
   * @returns the new version; undefined when another writer was first, and nothing was written
   */
  write(key: string, text: string, since: string | undefined): Promise<string | undefined>;
  /** Keys that begin so, in order. */
  list(prefix: string): Promise<readonly string[]>;
}
