/** Writes the chart that defines the custom kinds: `npm run kubernetes:definitions`. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { definitionFiles, DEFINITIONS_FOLDER, filesOf } from "./definitions";
import { publishedDefinitions } from "./published-definitions";

const files = { ...definitionFiles(process.cwd()), ...filesOf(publishedDefinitions()) };
rmSync(DEFINITIONS_FOLDER, { recursive: true, force: true });
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
