import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `npm run golden` sets it: what is found becomes what is expected. */
const update = process.env["GOLDEN"] === "update";

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
    // Objects first: their difference is shorter to read than that of the text, which also holds their order.
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(path, "utf8")));
    expect(text).toBe(readFileSync(path, "utf8"));
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
