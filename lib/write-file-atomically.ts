import { renameSync, writeFileSync } from "node:fs";

/** Writes a text file so that whoever reads it, also after this process was killed, finds all of it or what was there before. */
export function writeWholeFile(file: string, text: string, mode?: number): void {
  const draft = `${file}.draft`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}
