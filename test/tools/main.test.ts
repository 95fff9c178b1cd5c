import { mkdtempSync, rmSync } from "node:fs";
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
  }, 120_000);
});
