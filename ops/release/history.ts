import { z } from "zod";
import type { Records } from "../core/records";
import type { Migration } from "./migrations";

const migrations = z.array(z.strictObject({ name: z.string(), sha256: z.string() }));
const imageRecord = z.strictObject({ image: z.string(), migrations, releasedAt: z.iso.datetime() });
export type ImageRecord = Readonly<z.infer<typeof imageRecord>>;

const DATABASE_KEY = "database-migrations.json";
const keyOf = (image: string) => `images/${image.slice(image.lastIndexOf(":") + 1)}.json`;

/** What images bring with them, and what the database has had of it: known to the release that brought them. */
export class ReleaseHistory {
  constructor(private readonly records: Records) {}

  async image(image: string): Promise<ImageRecord | undefined> {
    const stored = await this.records.read(keyOf(image));
    return stored === undefined ? undefined : imageRecord.parse(JSON.parse(stored.text));
  }

  async keepImage(record: ImageRecord): Promise<void> {
    await this.put(keyOf(record.image), record);
  }

  /** Images that were live, the last first. */
  async released(): Promise<readonly ImageRecord[]> {
    const keys = await this.records.list("images/");
    const stored = await Promise.all(keys.map((key) => this.records.read(key)));
    return stored
      .flatMap((one) => (one === undefined ? [] : [imageRecord.parse(JSON.parse(one.text))]))
      .sort((one, other) => Date.parse(other.releasedAt) - Date.parse(one.releasedAt));
  }

  /** Migrations that the database has had; none where nothing was ever released. */
  async database(): Promise<readonly Migration[]> {
    const stored = await this.records.read(DATABASE_KEY);
    return stored === undefined ? [] : migrations.parse(JSON.parse(stored.text));
  }

  /** Notes that the database has had these; what it has had beyond them stays on record. */
  async keepDatabase(had: readonly Migration[]): Promise<void> {
    const before = await this.database();
    if (had.length > before.length) await this.put(DATABASE_KEY, had);
  }

  private async put(key: string, value: unknown): Promise<void> {
    const before = await this.records.read(key);
    const written = await this.records.write(key, JSON.stringify(value), before?.version);
    if (written === undefined) throw new Error(`operations/${key} was changed by another process meanwhile`);
  }
}
