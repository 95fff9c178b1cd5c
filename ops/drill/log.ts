import { z } from "zod";
import { seriesLookSchema } from "../../app/packages/contract/time-series";
import type { Records } from "../core/records";
import { partNames } from "./targets";
import type { PartName } from "./targets";

const instant = z.iso.datetime();

const measured = z.strictObject({
  beganAt: instant.optional(),
  /** When what was lost served again. */
  recoveredAt: instant.optional(),
  /** Time of which what was written is lost. */
  lostMs: z.number().min(0).optional(),
  failure: z.string().optional(),
  /** Step that failed. */
  failedAt: z.string().optional(),
  /** Worth knowing about a figure, or about one that is not there. */
  remark: z.string().optional(),
  /** Pod that was ended. */
  lost: z.string().optional(),
  /** What the time series' own server held before. */
  before: seriesLookSchema.optional(),
});

const drillRecord = z.strictObject({ schema: z.literal(1), parts: z.partialRecord(z.enum(partNames), measured) });

/** What became of one part of a drill. */
export type Measured = Readonly<z.infer<typeof measured>>;

/** What a drill has measured so far: beside the record of operations, so that a drill that was cut short goes on. */
export class DrillLog {
  private readonly key: string;

  constructor(
    private readonly records: Records,
    id: string,
  ) {
    this.key = `drills/${id}.json`;
  }

  async of(part: PartName): Promise<Measured> {
    return (await this.all())[part] ?? {};
  }

  async all(): Promise<Readonly<Partial<Record<PartName, Measured>>>> {
    return (await this.read()).parts;
  }

  async note(part: PartName, change: Measured): Promise<void> {
    const { parts, version } = await this.read();
    const next = { schema: 1, parts: { ...parts, [part]: { ...parts[part], ...change } } };
    const written = await this.records.write(this.key, JSON.stringify(next), version);
    if (written === undefined) throw new Error(`operations/${this.key} was changed by another process meanwhile`);
  }

  private async read() {
    const stored = await this.records.read(this.key);
    if (stored === undefined) return { parts: {} as Partial<Record<PartName, Measured>>, version: undefined };
    return { parts: drillRecord.parse(JSON.parse(stored.text)).parts, version: stored.version };
  }
}
