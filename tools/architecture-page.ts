import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../lib/paths";
import { rooms } from "./lint/rooms.mts";
import { table } from "./markdown-table";

const PAGE = join(projectRoot, "docs/architecture.md");
const BEGIN = "<!-- rooms: written by `npm run docs` from tools/lint/rooms.mts -->";
const END = "<!-- end of rooms -->";

/** docs/architecture.md: written by hand around the table of rooms, which the lint rule is made from, too. */
export function architecturePage(): string {
  const [before = "", rest = ""] = readFileSync(PAGE, "utf8").split(BEGIN);
  const after = rest.split(END)[1] ?? "";
  const code = (name: string) => `\`${name}\``;
  const rows = Object.entries(rooms).map(([name, { holds, imports }]) => [
    code(name),
    holds,
    name === "test" ? "anything" : imports.map(code).join(", ") || "nothing of the project",
  ]);
  return `${before}${BEGIN}\n\n${table(["room", "holds", "may import"], rows)}\n\n${END}${after}`;
}
