import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contractions, longLocks } from "./expand-only";

/** From this one on a migration may not hold a table in use for long. Those before are released, and stay as they are. */
const SHORT_LOCKS_FROM = "017";

/** A migration file, by its name and a digest of its content. */
export interface Migration {
  readonly name: string;
  readonly sha256: string;
}

/** Where the application keeps them, below the project's root. */
export const migrationsFolder = (root: string) => join(root, "app/database/migrations");

/** The migrations of a folder, in the order in which they run. */
export function migrationsIn(folder: string): readonly Migration[] {
  return namesIn(folder).map((name) => ({
    name,
    sha256: createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex"),
  }));
}

const namesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();

/**
 * What is wrong with going from the database's migrations to those of an image, while the version before goes on
 * serving: empty when the database has only to grow, and no table in use is locked for as long as its rows take.
 *
 * @param applied those that the database has had
 * @param wanted those of the image, with their files in `folder`
 */
export function migrationProblems(
  applied: readonly Migration[],
  wanted: readonly Migration[],
  folder: string,
): readonly string[] {
  const common = Math.min(applied.length, wanted.length);
  for (const [index, before] of applied.slice(0, common).entries()) {
    const after = wanted[index];
    if (after?.name !== before.name) {
      return [
        `${before.name} has run, and the image has ${after?.name ?? "nothing"} in its place: number new ones last`,
      ];
    }
    if (after.sha256 !== before.sha256) {
      return [`${before.name} was changed after it had run: restore it, and put the change into a new migration`];
    }
  }
  return wanted.slice(common).flatMap(({ name }) => {
    const sql = readFileSync(join(folder, name), "utf8");
    return [...contractions(sql), ...(name >= SHORT_LOCKS_FROM ? longLocks(sql) : [])].map(
      (problem) => `${name} ${problem}`,
    );
  });
}
