import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Rule } from "eslint";
import ts from "typescript";

/** What a file imports, types included, by absolute path; and when the file was read. */
interface Imports {
  readonly mtimeMs: number;
  readonly paths: readonly string[];
}

type Importing = Parameters<
  NonNullable<Rule.RuleListener["ImportDeclaration" | "ExportNamedDeclaration" | "ExportAllDeclaration"]>
>[0];

const ENDINGS = ["", ".ts", ".mts", ".mjs", "/index.ts"];
const known = new Map<string, Imports>();

/** The file of this project that a specifier names; undefined for a package. */
function resolve(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = join(dirname(file), specifier);
  return ENDINGS.map((ending) => path + ending).find(
    (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
  );
}

function importsOf(file: string): readonly string[] {
  const { mtimeMs } = statSync(file);
  const before = known.get(file);
  if (before?.mtimeMs === mtimeMs) return before.paths;
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
  const paths = importedFiles.flatMap(({ fileName }) => resolve(file, fileName) ?? []);
  known.set(file, { mtimeMs, paths });
  return paths;
}

/** The shortest way from one file to another along imports. */
function wayTo(target: string, start: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[start, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === target) {
      const way: string[] = [];
      for (let step: string | undefined = file; step !== undefined; step = cameFrom.get(step)) way.unshift(step);
      return way;
    }
    for (const next of importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return undefined;
}

/**
 * Refuses imports that lead back to their file. eslint-plugin-import and its kin leave out `import type`, and a circle
 * of types is one for its reader, too.
 */
export const noCircle: Rule.RuleModule = {
  meta: { type: "problem", schema: [], messages: { circle: "This import leads back here: {{way}}." } },
  create(context) {
    const file = context.filename;
    const look = (node: Importing) => {
      const imported = typeof node.source?.value === "string" ? resolve(file, node.source.value) : undefined;
      const way = imported === undefined ? undefined : wayTo(file, imported);
      if (way === undefined) return;
      const shown = [file, ...way].map((path) => relative(context.cwd, path)).join(" -> ");
      context.report({ node, messageId: "circle", data: { way: shown } });
    };
    return { ImportDeclaration: look, ExportNamedDeclaration: look, ExportAllDeclaration: look };
  },
};
