import { z } from "zod";

/** What a database holds, as far as it distinguishes one copy from another. */
export const contentsSchema = z.strictObject({
  /** Migrations that made the tables, in order. */
  migrations: z.array(z.string()),
  tables: z.record(
    z.string(),
    z.strictObject({
      rows: z.int().min(0),
      /** Sum of the hashes of rows, whatever their order. Absent where only rows were counted. */
      digest: z.string().optional(),
      /** `timestamp` from which on rows are in the digest; absent where all are. */
      digestFrom: z.iso.datetime().optional(),
    }),
  ),
  /** Newest time that the exchange gave a tick; absent without ticks. */
  newestTick: z.iso.datetime().optional(),
  /** Newest time that a row of users or orders, or of what belongs to them, was written at. */
  newestWrite: z.iso.datetime().optional(),
});

export type Contents = Readonly<z.infer<typeof contentsSchema>>;

/**
 * What stands beside a dump, written after it: a dump without one was cut short, and is none. By it a restored copy is
 * compared with what was dumped: every row is counted, and all but old ticks are hashed.
 */
export const manifestSchema = z.strictObject({
  /** 1 has hashed all rows of every table. */
  schema: z.literal([1, 2]),
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

/** How two databases differ, a line each; nothing where they hold the same. */
export function differences(expected: Contents, found: Contents): readonly string[] {
  const names = [...new Set([...Object.keys(expected.tables), ...Object.keys(found.tables)])].sort();
  const tables = names.flatMap((name) => {
    const [one, other] = [expected.tables[name], found.tables[name]];
    if (one?.rows !== other?.rows) {
      return [`${name} has ${other?.rows ?? "no table for"} rows; expected ${one?.rows ?? "no such table"}`];
    }
    return one?.digest === other?.digest ? [] : [`${name} has ${one?.rows} rows as expected, but not the same ones`];
  });
  const same = (what: string, one?: string, other?: string) =>
    one === other ? [] : [`the newest ${what} is ${other ?? "none"}; expected ${one ?? "none"}`];
  return [
    ...tables,
    ...(expected.migrations.join() === found.migrations.join() ? [] : ["its migrations are not those expected"]),
    ...same("tick", expected.newestTick, found.newestTick),
    ...same("write", expected.newestWrite, found.newestWrite),
  ];
}

/** What `restore-database inspect` answers. */
export const lookSchema = z.strictObject({
  /** Databases of the server that are the platform's. */
  databases: z.array(z.string()),
  /** Absent where there is no database of the name that was asked for. */
  contents: contentsSchema.optional(),
});

export type Look = Readonly<z.infer<typeof lookSchema>>;
