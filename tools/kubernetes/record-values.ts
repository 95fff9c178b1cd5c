/**
 * Records the keys of charts that the tests compare values with: `npm run kubernetes:values -- <folder>`, where the
 * folder holds each chart unpacked, its parts in `charts/`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHARTS, recordChart } from "./chart-values";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: npm run kubernetes:values -- <folder of unpacked charts>\n");
  process.exit(2);
}
mkdirSync("test/fixtures/charts", { recursive: true });
for (const name of CHARTS) {
  const recorded = recordChart(join(folder, name));
  writeFileSync(`test/fixtures/charts/${name}.json`, `${JSON.stringify(recorded, null, 1)}\n`);
}
