/** The image's tag, which changes with every change of the application. */
const IMAGE_TAG = /\bapp-[0-9a-f]{16}\b/g;

/**
 * A stack as a reviewer reads it: without cdktf's metadata, but with opt-outs and their reasons; JSON that stands in
 * strings, as policies do, is JSON.
 */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
        if (key !== "//") return [[key, readable(child)]];
        const { optOuts } = child as { readonly optOuts?: unknown };
        return optOuts === undefined ? [] : [["optOuts", optOuts]];
      }),
    );
  }
  if (typeof value !== "string") return value;
  return /^[[{]["{]/.test(value) ? parsed(value) : value.replace(IMAGE_TAG, "app-(content)");
}

function parsed(text: string): unknown {
  try {
    return readable(JSON.parse(text));
  } catch {
    return text;
  }
}
