import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "../..");

/** What one run of the app command left behind. */
export interface Synthesis {
  /** `cdk.tf.json` of every stack, by stack id, byte for byte. */
  readonly stacks: ReadonlyMap<string, string>;
  readonly stderr: string;
}

/**
 * Runs main.ts as the app command does, in a process of its own.
 *
 * @param outdir takes the place of cdktf.out
 * @throws Error with what the program printed, when it fails
 */
export async function synthesizeProject(outdir: string, environment: NodeJS.ProcessEnv = {}): Promise<Synthesis> {
  const { stderr } = await promisify(execFile)(process.execPath, [join(root, "tools/run.mjs"), "main.ts"], {
    cwd: root,
    env: { ...process.env, ENVIRONMENTS: undefined, ...environment, CDKTF_OUTDIR: outdir },
  });
  const folder = join(outdir, "stacks");
  const stacks = readdirSync(folder)
    .sort()
    .map((id): [string, string] => [id, readFileSync(join(folder, id, "cdk.tf.json"), "utf8")]);
  return { stacks: new Map(stacks), stderr };
}

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
  return typeof value === "string" && /^[[{]["{]/.test(value) ? parsed(value) : value;
}

function parsed(text: string): unknown {
  try {
    return readable(JSON.parse(text));
  } catch {
    return text;
  }
}
