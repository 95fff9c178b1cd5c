import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GoldenFolder } from "./golden";

const names = { "bist-prod": "bist-staging", "production-data": "staging-data" };
const production = { db: { name: "bist-prod", class: "large" }, rules: [1, 2] };
const staging = { db: { name: "bist-staging", class: "small" }, rules: [1, 2] };

describe("a folder of reviewed results", () => {
  const folder = mkdtempSync(join(tmpdir(), "reviewed-"));
  const golden = new GoldenFolder(folder);
  const write = (name: string, content: unknown) => {
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
  };
  const expectStaging = (found: unknown, other: unknown = production) => {
    golden.expectSameDifference("staging", found, "production", other, names);
  };

  beforeEach(() => {
    write("production", production);
    write("staging", { from: "production", names: { "bist-prod": "bist-staging" }, changed: { "db.class": "small" } });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("accepts what was reviewed, whole or as a difference, and gives it back", () => {
    golden.expectSame("production", production);
    expectStaging(staging);
    expect(golden.read("production")).toEqual(production);
    expect(golden.read("staging")).toEqual(staging);
  });

  test("says what changed, and how to accept it", () => {
    const found = { ...production, db: { name: "bist-prod", class: "huge" } };
    expect(() => {
      golden.expectSame("production", found);
    }).toThrow(/production\.json differs .*`npm run golden` rewrites it:\n~ db\.class: "large" -> "huge"$/);
  });

  test("says what changed in a difference", () => {
    const found = { ...staging, db: { name: "bist-staging", class: "tiny" } };
    expect(() => {
      expectStaging(found);
    }).toThrow(/staging\.json differs .*rewrites it:\n~ changed\["db\.class"\]: "small" -> "tiny"$/);
  });

  test("finds the other's name where one's own belongs", () => {
    expect(() => {
      expectStaging({ ...staging, db: { name: "bist-prod", class: "small" } });
    }).toThrow('+ changed["db.name"]: "bist-prod"');
  });

  test("finds that an environment has taken the other's name", () => {
    expect(() => {
      golden.expectSameDifference(
        "staging",
        { ...staging, db: { name: "bist-prod", class: "small" } },
        "production",
        production,
        {
          ...names,
          "bist-prod": "bist-prod",
        },
      );
    }).toThrow('~ names.bist-prod: "bist-staging" -> "bist-prod"');
  });

  test("finds another order of keys", () => {
    expect(() => {
      golden.expectSame("production", { rules: [1, 2], db: production.db });
    }).toThrow('~ the whole: its first keys are ["rules"]');
    expect(() => {
      expectStaging({ rules: [1, 2], db: staging.db });
    }).toThrow('+ first: {"":["rules"]}');
  });

  test("finds nothing new where both change alike", () => {
    expectStaging({ ...staging, rules: [3] }, { ...production, rules: [3] });
  });

  test("shortens a long difference", () => {
    const many = (value: number) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`k${key}`, { value, a: 1, b: 1 }]));
    write("many", many(1));
    expect(() => {
      golden.expectSame("many", many(2));
    }).toThrow(/~ k39\.value: 1 -> 2\nand 10 more$/);
  });

  test("refuses a file that is missing, unused or written by hand in another form", () => {
    expect(() => {
      golden.expectSame("absent", {});
    }).toThrow("absent.json is missing; `npm run golden` writes it");
    expect(() => {
      golden.expectNoneBut(["production", "many"]);
    }).toThrow("staging");
    writeFileSync(join(folder, "production.json"), JSON.stringify(production));
    expect(() => {
      golden.expectSame("production", production);
    }).toThrow("white space");
    expect(readFileSync(join(folder, "production.json"), "utf8")).toBe(JSON.stringify(production));
  });
});
