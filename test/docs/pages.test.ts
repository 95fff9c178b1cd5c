import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "../../tools/pages";

describe("pages made from the code", () => {
  test.each(Object.entries(pages))("%s is what `npm run docs` writes", (path, content) => {
    expect(readFileSync(join(__dirname, "../..", path), "utf8")).toBe(content());
  });
});
