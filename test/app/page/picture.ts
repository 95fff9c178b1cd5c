import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot } from "../../../lib/paths";

/** `npm run screenshots` sets it: what stands on a page now is photographed and described anew. */
const update = process.env["SCREENSHOTS"] === "update";
const folder = join(projectRoot, "docs", "images");

/**
 * A picture in `docs/images`, and beside it the description of what was on the page when it was taken. Pixels differ
 * from machine to machine; the description does not, so it is what a page is compared with.
 */
export class Picture {
  private readonly image: string;
  private readonly description: string;

  /** @param description file name; the picture has the same with the extension `png` */
  constructor(description: string) {
    this.description = join(folder, description);
    this.image = this.description.replace(/\.[a-z]+$/, ".png");
  }

  /**
   * Compares with what was on the page, or takes the picture under `npm run screenshots`.
   *
   * @param described makes the description, given the fingerprint of the picture that it belongs to
   */
  async expectSame(described: (picture: string) => string, take: () => Promise<Buffer>): Promise<void> {
    if (update) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(this.image, await take());
      writeFileSync(this.description, described(fingerprint(readFileSync(this.image))));
    }
    const missing = [this.image, this.description].filter((path) => !existsSync(path));
    if (missing.length > 0) throw new Error(`${missing.join(" and ")} missing; \`npm run screenshots\` takes pictures`);
    const found = described(fingerprint(readFileSync(this.image)));
    const expected = readFileSync(this.description, "utf8");
    try {
      expect(found).toBe(expected);
    } catch (error) {
      const shown = error instanceof Error ? error.message : String(error);
      const image = relative(projectRoot, this.image);
      throw new Error(`${image} shows what is no longer so; \`npm run screenshots\` takes it anew.\n${shown}`, {
        cause: error,
      });
    }
  }

  /** Pixels, from the header of the file, and its size. */
  get size(): { readonly width: number; readonly height: number; readonly bytes: number } {
    const png = readFileSync(this.image);
    return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), bytes: png.length };
  }
}

export const fingerprint = (content: string | Buffer) =>
  createHash("sha256").update(content).digest("hex").slice(0, 16);
