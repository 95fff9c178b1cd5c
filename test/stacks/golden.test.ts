import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, environmentNames } from "../../config";
import type { EnvironmentName } from "../../config";
import { projectRoot } from "../../lib/paths";
import { synthesizeProject } from "../../tools/synthesis";
import type { Synthesis } from "../../tools/synthesis";
import { GoldenFolder } from "../support/golden";
import type { Names } from "../support/names";
import { readable } from "../support/readable";

const stackNames = ["cluster", "data", "delivery", "edge", "network", "observability", "platform", "trading"];
const idsOf = (name: EnvironmentName) => stackNames.map((stack) => `${name}-${stack}`);
const stackIds = environmentNames.flatMap(idsOf).sort();
const golden = new GoldenFolder(join(__dirname, "golden"));

/** The environments whose goldens are what they have different from production. */
const others = environmentNames.filter((name) => name !== "production");

/** A label of the project's, which is no name in its domain. */
const REVISION = "bist-trading.com/revision";

/** What every environment calls its own way; shown one by one, it would drown what else is different. */
function namesOf(name: EnvironmentName): readonly string[] {
  const { prefix, aws, database, cache, edge } = environment(name);
  return [...idsOf(name), prefix, aws.accountId, database.identifier, cache.identifier, edge.domain, REVISION];
}

function namesInstead(name: EnvironmentName): Names {
  const theirs = namesOf(name);
  return Object.fromEntries(namesOf("production").map((own, index) => [own, theirs[index] ?? own]));
}

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
}

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

  test.each(idsOf("production"))("%s is as reviewed", (id) => {
    golden.expectSame(id, readable(stack(id)));
  });

  describe.each(others)("of %s", (name) => {
    test.each(stackNames)("%s differs from production's as reviewed", (of) => {
      const found = readable(stack(`${name}-${of}`));
      const from = `production-${of}`;
      golden.expectSameDifference(`${name}-${of}`, found, from, readable(stack(from)), namesInstead(name));
    });
  });

  test("are, key by key, what their goldens give back", () => {
    const text = (value: unknown) => JSON.stringify(value);
    expect(stackIds.filter((id) => text(golden.read(id)) !== text(readable(stack(id))))).toEqual([]);
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

  test("come one after the other as docs/architecture.md draws", () => {
    const page = readFileSync(join(projectRoot, "docs/architecture.md"), "utf8");
    const [, states = ""] = page.split("## Environments and states");
    const drawn = [...states.matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(
      ([, from = "", to = ""]) => `${to} after ${from}`,
    );
    const manifest = JSON.parse(readFileSync(join(folder, "first", "manifest.json"), "utf8")) as Manifest;
    const declared = Object.entries(manifest.stacks)
      .filter(([id]) => id.startsWith("production-"))
      .flatMap(([id, { dependencies }]) => dependencies.map((other) => `${id} after ${other}`))
      .map((sentence) => sentence.replaceAll("production-", ""));
    expect(drawn.sort()).toEqual(declared.sort());
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
