import { z } from "zod";
import { contentsSchema } from "./contents";

/**
 * What stands beside a dump, written after it: a dump without one was cut short, and is none. By it a restored copy is
 * held against what was dumped, row by row.
 */
export const manifestSchema = z.strictObject({
  schema: z.literal(1),
  database: z.string(),
  takenAt: z.iso.datetime(),
  /** `server_version` of the server that was dumped. */
  serverVersion: z.string(),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  contents: contentsSchema,
});

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

/** Keys of a dump and of its manifest, in the backup bucket. */
export const dumpKey = (name: string) => `database/${name}.dump`;
export const manifestKey = (name: string) => `database/${name}.json`;

/** `bist_trading_backup_20261123_003000`: the setup guide's name, in UTC. */
export function dumpName(database: string, at: Date): string {
  const [date = "", time = ""] = at.toISOString().replaceAll(/[-:]/g, "").split(/[T.]/);
  return `${database}_backup_${date}_${time}`;
}

/** @throws Error that says what is wrong with it */
export function parseManifest(text: string): Manifest {
  const result = manifestSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
  throw new Error(`The dump's manifest cannot be used: ${problems}`);
}
