import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pages, root, textOf } from "./support/texts";

/** What a page points at in the repository: path and anchor. */
function linksOf(page: string) {
  return [...textOf(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path = "", anchor]) => ({
    path,
    anchor,
  }));
}

/** As GitHub makes them from headings. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(pages)("%s points at what there is", (page) => {
  const broken = linksOf(page).filter(({ path, anchor }) => {
    const target = path === "" ? join(root, page) : resolve(root, dirname(page), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test("every row of the guide's table says where it is", () => {
  const rows = textOf("docs/guide.md").match(/^\| .+\|$/gm) ?? [];
  const asked = rows.filter((row) => !/^\| (the guide |-+ )/.test(row));
  expect(asked.length).toBeGreaterThan(60);
  expect(asked.filter((row) => !/\]\(|the same/.test(row))).toEqual([]);
});

test("the index leads to every page", () => {
  const folder = join(root, "docs");
  const linked = new Set(linksOf("docs/README.md").map(({ path }) => path));
  const indexed = readdirSync(folder).filter((name) => name !== "README.md" && name !== "images");
  expect(indexed.filter((name) => !linked.has(name))).toEqual([]);
});
