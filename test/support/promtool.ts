import { spawnSync } from "node:child_process";

/** Why Prometheus's own tool cannot be asked; undefined when it can. */
export function missingPromtool(): string | undefined {
  return spawnSync("promtool", ["--version"]).status === 0
    ? undefined
    : "no promtool; Debian's package prometheus has it";
}

/** What promtool prints, whether or not it succeeds. */
export function promtool(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
  return stdout + stderr;
}
