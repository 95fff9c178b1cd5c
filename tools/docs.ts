/** Writes the pages of docs/ that are made from the code: `npm run docs`. */
import { writeFileSync } from "node:fs";
import { pages } from "./pages";

for (const [path, page] of Object.entries(pages)) writeFileSync(path, page());
