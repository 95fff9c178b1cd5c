import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentNames } from "../../config";
import { synthesizeProject } from "../../tools/synthesis";
import type { Synthesis } from "../../tools/synthesis";
import { GoldenFolder } from "../support/golden";
import { readable } from "../support/readable";

const stackNames = ["cluster", "data", "delivery", "edge", "network", "observability", "platform", "trading"];
const stackIds = environmentNames.flatMap((environment) => stackNames.map((stack) => `${environment}-${stack}`)).sort();
const golden = new GoldenFolder(join(__dirname, "golden"));

interface Stack {
  readonly output?: Readonly<Record<string, unknown>>;
}

describe("the synthesized stacks", () => {
  const folder = mkdtempSync(join(tmpdir(), "synthesis-"));
  let first: Synthesis;
  let second: Synthesis;
  const stack = (id: string) => JSON.parse(first.stacks.get(id) ?? "{}") as Stack;

  beforeAll(async () => {
    [first, second] = await Promise.all([
      synthesizeProject(join(folder, "first"), { TZ: "Europe/Istanbul", LANG: "tr_TR.UTF-8", HOME: folder }),
      synthesizeProject(join(folder, "second"), { TZ: "UTC", LANG: "C" }),
    ]);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("are those of every environment, and break no rule of the policy", () => {
    expect([...first.stacks.keys()]).toEqual(stackIds);
    expect(first.stderr).toBe("");
  });

  test.each(stackIds)("%s is as reviewed", (id) => {
    golden.expectSame(id, readable(stack(id)));
  });

  test("leave no reviewed stack behind", () => {
    golden.expectNoneBut(stackIds);
  });

  test("are the same bytes in another time zone, language and home", () => {
    for (const id of stackIds) expect([id, second.stacks.get(id)]).toEqual([id, first.stacks.get(id)]);
  });

  test("use nothing of each other but shared outputs", () => {
    const uses = [...first.stacks].flatMap(([id, text]) =>
      [...text.matchAll(/cross-stack-reference-input-([\w-]+)\.outputs\.(\w+)/g)].map(([, from = "", output = ""]) => ({
        id,
        from,
        output,
      })),
    );
    expect(uses.length).toBeGreaterThan(0);
    for (const use of uses) {
      expect(use).toEqual({
        ...use,
        output: Object.keys(stack(use.from).output ?? {}).find((name) => name === use.output),
      });
    }
  });

  test("name their outputs for what they hold, not for the construct behind them", () => {
    for (const id of stackIds) {
      for (const output of Object.keys(stack(id).output ?? {})) expect(output).toMatch(/^[a-z][a-z0-9_]*$/);
    }
  });

  test("hold no secret", () => {
    for (const [id, text] of first.stacks) {
      expect([
        id,
        text.match(/AKIA[0-9A-Z]{16}|-----BEGIN (?!CERTIFICATE)|eyJ[\w-]{10,}\.[\w-]{10,}|xox[bp]-|gh[pousr]_\w{20,}/g),
      ]).toEqual([id, null]);
      expect([id, literalSecrets(JSON.parse(text))]).toEqual([id, []]);
    }
  });
});

/** Values of attributes that hold a secret, where they are neither a reference nor the emulator's. */
function literalSecrets(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) {
    const isSecret = /(password|secret_key|auth_token|secret_string|private_key|access_key|passphrase)$/.test(path);
    const isEmulators =
      /^\/provider\/aws\/\d\/(access_key|secret_key)$/.test(path) && /^(0{12}|emulator)$/.test(String(value));
    return isSecret && !isEmulators && typeof value === "string" && !value.startsWith("${") ? [path] : [];
  }
  return Object.entries(value).flatMap(([key, child]) => literalSecrets(child, `${path}/${key}`));
}
