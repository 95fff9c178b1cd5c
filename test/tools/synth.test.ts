import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** A project of one program that writes a manifest, with this project's app command. */
function smallProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "synth-"));
  for (const file of ["synth.mjs", "run.mjs", "node-version.mjs"]) {
    cpSync(join(root, "tools", file), join(folder, "tools", file));
  }
  for (const file of ["tsconfig.json", "tsconfig.synth.json", "package-lock.json"]) {
    cpSync(join(root, file), join(folder, file));
  }
  for (const name of ["lib", "config", "constructs", "stacks", "policy", "app/packages/contract"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const program = (content: string) =>
  `import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync("cdktf.out", { recursive: true });
const content: string = ${content};
writeFileSync("cdktf.out/manifest.json", String(content));
`;

describe("the app command", () => {
  const folder = smallProject();
  const manifest = join(folder, "cdktf.out/manifest.json");
  const synthesize = (source: string) => {
    writeFileSync(join(folder, "main.ts"), source);
    return spawnSync(process.execPath, ["tools/synth.mjs"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, CDKTF_OUTDIR: undefined },
    });
  };

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("runs the sources as they are, whether or not their types were checked before", () => {
    for (const content of ["first", "second", "first"]) {
      expect(synthesize(program(JSON.stringify(content)))).toMatchObject({ status: 0, stderr: "" });
      expect(readFileSync(manifest, "utf8")).toBe(content);
    }
  });

  test("leaves nothing to deploy when the types do not check, however often it runs", () => {
    for (let run = 0; run < 2; run += 1) {
      const { status, stdout, stderr } = synthesize(program("42"));
      expect(status).not.toBe(0);
      expect(stdout).toContain("main.ts(3,7): error TS2322");
      expect(stderr).toBe("The types do not check: nothing was synthesized.\n");
      expect(existsSync(manifest)).toBe(false);
    }
  });

  test("fails when the program does, and shows where in its sources", () => {
    const { status, stderr } = synthesize('throw new Error("no such environment");\nexport {};\n');
    expect(status).toBe(1);
    expect(stderr).toContain("no such environment");
    expect(stderr).toMatch(/at .*main\.ts:1:/);
  });
});
