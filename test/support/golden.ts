import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyDifference, describeDifference, difference } from "./json-difference";
import type { Difference, Json } from "./json-difference";
import { exchangeNames, namesWithin } from "./names";
import type { Names } from "./names";

/** `npm run golden` sets it: what is found becomes what is expected. */
const update = process.env["GOLDEN"] === "update";

/** Lines of a difference that a failure prints. */
const LINES = 40;

/** A golden that holds only what it does not have in common with another, once names are exchanged in that one. */
interface DifferenceFile extends Difference {
  readonly from: string;
  readonly names: Names;
}

/** A folder of expected results, one JSON file each, of which none is left over. */
export class GoldenFolder {
  constructor(private readonly folder: string) {}

  /** Compares with the file of a name, or writes it under `npm run golden`. */
  expectSame(name: string, found: unknown): void {
    const path = this.path(name);
    const text = `${JSON.stringify(found, null, 2)}\n`;
    if (update) {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(path, text);
    }
    if (!existsSync(path)) throw new Error(`${path} is missing; \`npm run golden\` writes it`);
    const reviewed = readFileSync(path, "utf8");
    if (text === reviewed) return;
    const edits = describeDifference(JSON.parse(reviewed) as Json, JSON.parse(text) as Json);
    const lines = edits.length > 0 ? edits.slice(0, LINES) : ["in white space alone"];
    if (edits.length > LINES) lines.push(`and ${edits.length - LINES} more`);
    throw new Error(`${path} differs from what is found; \`npm run golden\` rewrites it:\n${lines.join("\n")}`);
  }

  /**
   * Compares what makes a result another one than `other`, whose name is `from`, with the file of a name. Which `names`
   * are exchanged stands in the file, so that a change of them is a change of the golden.
   */
  expectSameDifference(name: string, found: unknown, from: string, other: unknown, names: Names): void {
    const used = namesWithin(other as Json, names);
    const edits = difference(exchangeNames(other as Json, used), found as Json);
    this.expectSame(name, { from, names: used, ...edits } satisfies DifferenceFile);
  }

  /** The whole of an expected result, from all the files that it takes. */
  read(name: string): Json {
    const content = JSON.parse(readFileSync(this.path(name), "utf8")) as Json | DifferenceFile;
    return isDifference(content)
      ? applyDifference(exchangeNames(this.read(content.from), content.names), content)
      : content;
  }

  /** Fails on files that no result stands behind any more, or removes them under `npm run golden`. */
  expectNoneBut(names: readonly string[]): void {
    const present = existsSync(this.folder) ? readdirSync(this.folder).map((file) => file.replace(/\.json$/, "")) : [];
    const stale = present.filter((name) => !names.includes(name));
    if (update) for (const name of stale) rmSync(this.path(name));
    else expect(stale).toEqual([]);
  }

  private path(name: string): string {
    return join(this.folder, `${name}.json`);
  }
}

function isDifference(content: Json | DifferenceFile): content is DifferenceFile {
  return typeof content === "object" && content !== null && "from" in content && "names" in content;
}
