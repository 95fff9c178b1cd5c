import { renameSync, writeFileSync } from "node:fs";

/** Writes a text file by a rename: a reader, also after a crash, finds the whole text or the one before. */
export function writeFileAtomically(file: string, text: string, mode?: number): void {
  const draft = `${file}.draft`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}
