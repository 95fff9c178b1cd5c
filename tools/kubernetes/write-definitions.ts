/** Writes the chart that defines the custom kinds: `npm run kubernetes:definitions`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { definitionFiles, DEFINITIONS_FOLDER } from "./definitions";

rmSync(DEFINITIONS_FOLDER, { recursive: true, force: true });
for (const [path, text] of Object.entries(definitionFiles(process.cwd()))) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
