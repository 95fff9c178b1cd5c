import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");
const folders = ["lib", "config", "constructs", "stacks", "policy", "local", "tools", "test"];

function sources(): readonly string[] {
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  return ["main.ts", ...below].filter((file) => file.endsWith(".ts"));
}

/** The package's root, or the index below it, in any way of importing. */
const wholeProvider = /(?:from|import|import\(|require\()\s*["']@cdktf\/provider-[a-z]+(\/lib)?(\/index)?["']/;

describe("provider packages", () => {
  test("are never imported whole: that costs seconds and a gigabyte", () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => wholeProvider.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
  });

  test.each(["", "/lib", "/lib/index"])("would be found by their path %j", (path) => {
    const provider = ["@cdktf", "provider-aws"].join("/");
    expect(`from "${provider}${path}"`).toMatch(wholeProvider);
  });
});
