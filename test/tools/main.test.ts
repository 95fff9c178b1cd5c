import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesizeProject } from "../../tools/synthesis";

describe("main.ts", () => {
  test("prints what is wrong with the configuration, without a stack trace, and fails", async () => {
    const outdir = mkdtempSync(join(tmpdir(), "synthesis-"));
    await expect(synthesizeProject(outdir, { ENVIRONMENTS: "prod, live" })).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "The configuration has 2 problems:\n" +
        '  "prod" is not an environment; use one of production, staging, local\n' +
        '  "live" is not an environment; use one of production, staging, local\n',
    });
    rmSync(outdir, { recursive: true });
  });

  test("is made from nothing but what the app command's digest covers", async () => {
    const outdir = mkdtempSync(join(tmpdir(), "synthesis-"));
    await synthesizeProject(outdir, { ENVIRONMENTS: "local" });
    rmSync(outdir, { recursive: true });
    const bundle = readFileSync(join(__dirname, "../../.cache/run/main.cjs"), "utf8");
    const [, map = ""] = /sourceMappingURL=data:application\/json;base64,(.*)/.exec(bundle) ?? [];
    const { sources } = JSON.parse(Buffer.from(map, "base64").toString()) as { readonly sources: readonly string[] };
    // Of packages, the digest covers the lock file.
    const own = sources
      .map((source) => source.replace(/^(\.\.\/)+/, ""))
      .filter((source) => !source.startsWith("node_modules/"));
    expect(own).toContain("main.ts");
    expect(
      own.filter(
        (source) => !/^(main\.ts|(lib|config|constructs|stacks|policy|app\/packages\/contract)\/.*\.ts)$/.test(source),
      ),
    ).toEqual([]);
  });
});
