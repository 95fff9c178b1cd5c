import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, textOf, texts } from "./support/texts";

const folder = join(root, "docs/adr");

interface Decision {
  readonly number: string;
  readonly title: string;
  readonly file: string;
  readonly status: string;
}

/** What each ADR says of itself. */
const decisions: readonly Decision[] = readdirSync(folder)
  .filter((file) => file !== "README.md")
  .map((file) => {
    const [heading = "", , status = ""] = readFileSync(join(folder, file), "utf8").split("\n");
    const [, number = "", title = ""] = /^# (\d{3})\. (.+)$/.exec(heading) ?? [];
    return { number, title, file, status: status.replace("Status: ", "") };
  });

/** What the index says of each. */
const index: readonly Decision[] = [
  ...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^- (\d{3}) \[(.+)\]\((.+?)\): (.+)$/gm),
].map(([, number = "", title = "", file = "", status = ""]) => ({ number, title, file, status }));

const byNumber = (one: Decision, other: Decision) => one.number.localeCompare(other.number);

/** What is wrong with the statuses: a form that is none, or a successor that does not stand itself. */
function wrongStatuses(all: readonly Decision[]): readonly string[] {
  const valid = new Set(all.filter(({ status }) => status === "valid").map(({ number }) => number));
  return all
    .filter(({ status }) => {
      const successor = /^replaced by (\d{3})$/.exec(status)?.[1];
      return status !== "valid" && (successor === undefined || !valid.has(successor));
    })
    .map(({ number, status }) => `${number}: ${status}`);
}

/** Numbers of the ADRs that a text names, as `ADR 030`, `ADRs 110 to 116`, `docs/adr/018`, or by a link to the file. */
function namedIn(text: string): readonly string[] {
  const inWords = [...text.matchAll(/\bADRs? ((?:\d{3}(?:, | and | to )?)+)/g)].flatMap(([, list = ""]) => [
    ...list.matchAll(/\d{3}/g),
  ]);
  return [
    ...inWords.map(([number]) => number),
    ...[...text.matchAll(/\badr\/(\d{3})/g)].map(([, number = ""]) => number),
  ];
}

test("the index lists every ADR once, with its title and status", () => {
  expect(decisions.length).toBeGreaterThan(70);
  expect([...index].sort(byNumber)).toEqual([...decisions].sort(byNumber));
});

test("a file is named for its number", () => {
  expect(decisions.filter(({ file, number }) => !file.startsWith(`${number}-`))).toEqual([]);
});

test("an ADR is valid, or replaced by one that is", () => {
  expect(wrongStatuses(decisions)).toEqual([]);
});

test.each([
  ["a date", "accepted, 2026-11"],
  ["nothing", ""],
  ["a successor that there is not", "replaced by 999"],
  ["one that was replaced itself", "replaced by 002"],
])("a status that is %s is found", (_, status) => {
  const of = (number: string, said: string): Decision => ({ number, title: "", file: "", status: said });
  expect(wrongStatuses([of("001", status), of("002", "replaced by 003"), of("003", "valid")])).toEqual([
    `001: ${status}`,
  ]);
});

test("every ADR that code or pages name exists", () => {
  const numbers = new Set(decisions.map(({ number }) => number));
  const named = texts.flatMap((file) => namedIn(textOf(file)).map((number) => ({ file, number })));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ number }) => !numbers.has(number))).toEqual([]);
});
