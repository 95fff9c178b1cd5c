import type { AttributeChange, Change, Changes, Kind } from "./changes";

/** In the colours of a `diff` block: red, orange, green. */
const MARKS: Readonly<Record<Kind, string>> = {
  destroy: "-",
  replace: "!",
  change: "!",
  add: "+",
  adopt: "+",
  forget: "-",
  move: " ",
};

/** Longer values say nothing in a review. */
const LONGEST = 400;

/** A plan as text for a `diff` block, the most urgent first; one line a resource and one or two an attribute. */
export function planText({ resources, outputs }: Changes): string {
  return [...resources.flatMap(changeLines), ...outputs.map((name) => `! output   ${name}`)].join("\n");
}

/** One resource's lines of a plan. */
export function changeLines({ kind, address, from, attributes, loses }: Change): readonly string[] {
  const origin = from === undefined ? "" : ` (was ${from})`;
  const loss = loses === undefined ? "" : `  # holds data: ${loses}`;
  return [
    `${MARKS[kind]} ${kind.padEnd(8)} ${address}${origin}${loss}`,
    ...attributes.flatMap((attribute) => attributeLines(attribute, kind)),
  ];
}

function attributeLines({ path, before, after, forcesReplacement }: AttributeChange, kind: Kind): readonly string[] {
  const why = forcesReplacement === true && kind === "replace" ? "  # forces replacement" : "";
  const line = (mark: string, text: string, remark = "") => `${mark}     ${path} = ${oneLine(text)}${remark}`;
  return [
    ...(before === undefined ? [] : [line("-", before, after === undefined ? why : "")]),
    ...(after === undefined ? [] : [line("+", after, why)]),
  ];
}

/** A line that starts otherwise than its mark would be read as something else. */
function oneLine(text: string): string {
  const flat = text.replaceAll("\r", "").replaceAll("\n", "\\n");
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST)}... (${flat.length} characters)`;
}
