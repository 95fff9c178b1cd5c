import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, matchesGlob, relative } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { projectRoot } from "../../lib/paths";
import { architecture } from "../../tools/lint/architecture.mts";
import { rooms } from "../../tools/lint/rooms.mts";
import type { Room } from "../../tools/lint/rooms.mts";

const NOT_OURS = new Set(["node_modules", "cdktf.out", "coverage", "dist", "golden"]);

/** Every source file of the project, below its root. */
function sourcesBelow(folder = "."): readonly string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") || NOT_OURS.has(entry.name) ? [] : sourcesBelow(path);
    return /\.(ts|mts|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });
}

const sources = sourcesBelow();
const filesOf = ([name, { files = `${name}/**` }]: [string, Room]) =>
  sources.filter((file) => [files].flat().some((pattern) => matchesGlob(file, pattern)));
const filesByRoom = new Map(Object.entries(rooms).map((room) => [room[0], filesOf(room)]));

const eslintIn = (cwd: string) =>
  new ESLint({
    cwd,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ["**/*.{ts,mts}"], languageOptions: { parser: tseslint.parser } },
      architecture as ESLint.Options["overrideConfig"] & object,
    ].flat(),
  });

describe("the rooms", () => {
  test("hold every source file, each in one room", () => {
    const roomsOf = (file: string) =>
      [...filesByRoom].filter(([, files]) => files.includes(file)).map(([name]) => name);
    expect(sources.filter((file) => roomsOf(file).length !== 1).map((file) => [file, roomsOf(file)])).toEqual([]);
  });

  test("are all there, and import rooms that are", () => {
    expect([...filesByRoom].filter(([, files]) => files.length === 0).map(([name]) => name)).toEqual([]);
    const unknown = Object.values(rooms).flatMap(({ imports }) => imports.filter((name) => !(name in rooms)));
    expect(unknown).toEqual([]);
    expect(
      Object.entries(rooms)
        .filter(([, { holds }]) => holds === "")
        .map(([name]) => name),
    ).toEqual([]);
  });

  const eslint = eslintIn(projectRoot);

  test.each(Object.entries(rooms))(
    "%s imports its own and what the table allows, and nothing else",
    async (name, room) => {
      const file = filesByRoom.get(name)?.find((path) => /\.m?ts$/.test(path)) ?? filesByRoom.get(name)?.[0] ?? "";
      // A file that is imported by a path without its ending has to be TypeScript.
      const targets = [...filesByRoom].flatMap(([to, files]) => {
        const target = files.find((path) => path.endsWith(".ts") && path !== file);
        return target === undefined ? [] : [{ to, target }];
      });
      const importOf = (target: string) => {
        const path = relative(dirname(file), target.replace(/\.ts$/, ""));
        return `import "${path.startsWith(".") ? path : `./${path}`}";`;
      };
      const [result] = await eslint.lintText(targets.map(({ target }) => importOf(target)).join("\n"), {
        filePath: join(projectRoot, file),
      });
      const refused = result?.messages.filter(({ ruleId }) => ruleId === "boundaries/dependencies") ?? [];
      const allowed = [name, ...room.imports];
      expect(refused.map(({ line }) => targets[line - 1]?.to)).toEqual(
        targets.map(({ to }) => to).filter((to) => !allowed.includes(to)),
      );
      expect(result?.messages.filter(({ fatal }) => fatal)).toEqual([]);
    },
  );
});

describe("files", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "circle-")));

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(["", " type"])("may not import%s each other in a circle", async (type) => {
    const importOf = (name: string) => `import${type} { A } from "./${name}";\nexport interface A { readonly a: A }\n`;
    const next = { one: "other", other: "third", third: "one" };
    for (const [name, imported] of Object.entries(next)) writeFileSync(join(folder, `${name}.ts`), importOf(imported));
    const [circle] = await eslintIn(folder).lintText(importOf("other"), { filePath: join(folder, "one.ts") });
    expect(circle?.messages.map(({ ruleId }) => ruleId)).toContain("architecture/no-circle");
    const [none] = await eslintIn(folder).lintText(importOf("one"), { filePath: join(folder, "outside.ts") });
    expect(none?.messages.map(({ ruleId }) => ruleId)).not.toContain("architecture/no-circle");
  });
});
