/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence, for example `sh`; nothing where nothing does. */
  readonly language: string;
  readonly text: string;
}

const fenced = /^( *)```(\w*)\n([\s\S]*?)^ *```$/gm;

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(fenced)].map(([, indent = "", language = "", text = ""]) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** Code within the lines of a page. */
export function spansOf(page: string): readonly string[] {
  return [...page.replaceAll(fenced, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replaceAll(/\s+/g, " "));
}
