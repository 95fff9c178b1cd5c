import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { World } from "../../../local/local-state";

describe("World", () => {
  let folder: string;
  const open = () => new World(folder);
  const state = (name: string) => join(open().state, name);
  const write = (name: string, text: string) => {
    mkdirSync(open().state, { recursive: true });
    writeFileSync(state(name), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "world-"));
  });

  test("is whole when a change ended in good order, and torn when it did not", () => {
    open().beginChange();
    expect(open().isTorn).toBe(true);
    open().endChange();
    expect(open().isTorn).toBe(false);
  });

  test("goes back to before the change that was cut short", () => {
    write("network.tfstate", "before");
    open().beginChange();
    write("network.tfstate", "half way");
    write("data.tfstate", "new");
    open().restore();
    expect(readFileSync(state("network.tfstate"), "utf8")).toBe("before");
    expect(existsSync(state("data.tfstate"))).toBe(false);
  });

  test("keeps the first checkpoint while it is torn: a later one would hold what cannot be gone on with", () => {
    write("network.tfstate", "before");
    open().beginChange();
    write("network.tfstate", "half way");
    open().beginChange();
    open().restore();
    expect(readFileSync(state("network.tfstate"), "utf8")).toBe("before");
  });

  test("forgets everything, its checkpoint too", () => {
    write("network.tfstate", "before");
    open().beginChange();
    open().erase();
    expect(existsSync(open().state)).toBe(false);
    expect(open().isTorn).toBe(false);
  });
});
