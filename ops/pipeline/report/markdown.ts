/** A block of text in a comment: folded under its title, or open where everybody must see it. */
export interface Block {
  /** Markdown of one line. */
  readonly title: string;
  readonly text: string;
  readonly language: "diff" | "text";
  readonly open?: boolean;
}

/** How long the answer to "where is the rest" may be. */
const REMARK = 300;

/**
 * Writes blocks so that together they are no longer than a budget: short ones whole, and the long ones share what is
 * left and are cut at the end of a line.
 *
 * @param budget characters
 * @param rest Markdown that says where the whole text is
 */
export function writeBlocks(blocks: readonly Block[], budget: number, rest: string): string {
  const frames = blocks.map((block) => frame(block, "").length + REMARK);
  const shares = fairShares(
    blocks.map(({ text }) => text.length),
    Math.max(0, budget - frames.reduce((sum, length) => sum + length, 0)),
  );
  return blocks.map((block, index) => frame(block, ...cut(block.text, shares[index] ?? 0, rest))).join("\n");
}

/** Text as a Markdown table or a line takes it. */
export function inline(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}

export function code(text: string): string {
  return `\`${inline(text).replaceAll("`", "'")}\``;
}

/** As many items as a list may have, and how many there are beyond. */
export function atMost(items: readonly string[], most: number): readonly string[] {
  return items.length <= most ? items : [...items.slice(0, most), `and ${items.length - most} more`];
}

/** Gives each what it needs, as long as that is no more than an equal part of what is left. */
export function fairShares(needs: readonly number[], budget: number): readonly number[] {
  const shares = needs.map(() => 0);
  const ascending = needs.map((need, index) => ({ need, index })).sort((one, other) => one.need - other.need);
  let left = budget;
  ascending.forEach(({ need, index }, position) => {
    const share = Math.min(need, Math.floor(left / (ascending.length - position)));
    shares[index] = share;
    left -= share;
  });
  return shares;
}

function cut(text: string, share: number, rest: string): readonly [text: string, remark?: string] {
  if (text.length <= share) return [text];
  const end = text.lastIndexOf("\n", share);
  const shown = text.slice(0, Math.max(0, end));
  const lines = (part: string) => (part === "" ? 0 : part.split("\n").length);
  return [shown, `Cut: ${lines(shown)} of ${lines(text)} lines are shown. ${rest}`];
}

function frame({ title, language, open, text: whole }: Block, text: string, remark?: string): string {
  // A text that holds a fence itself stays inside a longer one.
  const longest = Math.max(2, ...[...whole.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const body = [`${fence}${language}`, text, fence, ...(remark === undefined ? [] : ["", remark])];
  if (open === true) return [`### ${title}`, "", ...body, ""].join("\n");
  return [`<details><summary>${title}</summary>`, "", ...body, "", "</details>", ""].join("\n");
}
