import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalState } from "../../../local/local-state";

describe("LocalState", () => {
  let folder: string;
  const open = () => new LocalState(folder);
  const state = (name: string) => join(open().state, name);
  const write = (name: string, text: string) => {
    mkdirSync(open().state, { recursive: true });
    writeFileSync(state(name), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "local-state-"));
  });

  test("is interrupted from the opening of a change to its end", () => {
    open().beginChange();
    expect(open().isInterrupted).toBe(true);
    open().endChange();
    expect(open().isInterrupted).toBe(false);
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

  test("keeps what was there at one moment, while the emulator replaces its files", () => {
    write("services.json", "old");
    let copies = 0;
    const copy = (from: string, to: string) => {
      copies++;
      if (copies === 1) throw Object.assign(new Error("ENOENT: services.json.tmp"), { code: "ENOENT" });
      cpSync(from, to, { recursive: true });
      if (copies === 2) {
        writeFileSync(state("services.json.tmp"), "saved meanwhile");
        renameSync(state("services.json.tmp"), state("services.json"));
      }
    };
    new LocalState(folder, copy).beginChange();
    write("services.json", "changed");
    open().restore();
    expect([copies, readFileSync(state("services.json"), "utf8")]).toEqual([3, "saved meanwhile"]);
  });

  test("says what is wrong when the files never rest, or cannot be read", () => {
    let size = 0;
    const busy = () => {
      write("services.json", "x".repeat(++size));
    };
    expect(() => {
      new LocalState(folder, busy).beginChange();
    }).toThrow(/changes all the time/);
    expect(open().isInterrupted).toBe(false);
    const refused = () => {
      throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    };
    expect(() => {
      new LocalState(folder, refused).beginChange();
    }).toThrow("EACCES");
  });

  test("keeps the first checkpoint while it is interrupted: a later one would hold what cannot be gone on with", () => {
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
    expect(open().isInterrupted).toBe(false);
  });
});
