import { Marked } from "marked";

/** A comment's Markdown as a page that looks much as GitHub shows it, its first plan unfolded. */
export function commentPage(markdown: string): string {
  const body = (new Marked({ renderer: { code: ({ text }) => code(text) } }).parse(markdown) as string)
    .replace("<details>", "<details open>")
    .replace(/<blockquote>\s*<p>\[!CAUTION\]\s*/, '<blockquote><p class="caution">Caution</p><p>');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><style>${style}</style><article>${body}</article></html>`;
}

const kinds: Readonly<Record<string, string>> = { "-": "destroyed", "+": "added", "!": "changed" };

function code(text: string): string {
  const lines = text.split("\n").map((line) => {
    const kind = kinds[line.charAt(0)];
    return kind === undefined ? escaped(line) : `<span class="${kind}">${escaped(line)}</span>`;
  });
  return `<pre><code>${lines.join("\n")}</code></pre>`;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const style = `
  body { margin: 0; background: #fff; color: #1f2328; font: 14px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
  article { margin: 16px; padding: 0 16px; border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }
  h2 { padding-bottom: 0.3em; border-bottom: 1px solid #d1d9e0; font-size: 1.4em; }
  blockquote { margin: 0 0 16px; padding: 0 1em; border-left: 4px solid #cf222e; }
  .caution { margin: 0 0 8px; color: #cf222e; font-weight: 600; }
  table { margin-bottom: 16px; border-collapse: collapse; }
  th, td { padding: 6px 13px; border: 1px solid #d1d9e0; }
  tr:nth-child(2n) td { background: #f6f8fa; }
  summary { margin-bottom: 8px; }
  code { padding: 0.2em 0.4em; border-radius: 6px; background: #eff1f3; font: 12px/1.45 ui-monospace, monospace; }
  pre { margin: 0 0 16px; padding: 12px; border-radius: 6px; background: #f6f8fa; overflow: hidden; }
  pre code { padding: 0; background: none; }
  .destroyed { background: #ffebe9; color: #82071e; }
  .added { background: #dafbe1; color: #116329; }
  .changed { background: #fff8c5; color: #7d4e00; }
`;
