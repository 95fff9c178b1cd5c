/**
 * One run of the tool in a process of its own, which is killed right after a change that it makes. It waits for its
 * {@link Order}, so that it is loaded by the time that it is needed, and prints every change on a line of its own.
 */
import { flushCompileCache } from "node:module";
import { Harness } from "./harness";
import { withFailpoints } from "./failpoints";

export interface Order {
  readonly line: string;
  /** Address of what the smoke test visits. */
  readonly application: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Number of the change, or part of its name. */
  readonly killAt: number | string;
  /** Part of the names of the changes that are counted. @default every change is */
  readonly counting?: string | undefined;
}

// What is killed leaves no compiled code behind for the next one, unless it does so before.
flushCompileCache();

process.once("message", ({ line, application, time, killAt, counting = "" }: Order) => {
  const harness = new Harness(application, time);
  let count = 0;
  const failpoint = (point: string) => {
    if (point.includes(counting)) count += 1;
    process.stdout.write(`${point}\n`);
    if (typeof killAt === "number" ? count === killAt : point.includes(killAt)) process.kill(process.pid, "SIGKILL");
  };
  void harness.ops(line, withFailpoints(harness, failpoint)).then(({ code, stderr }) => {
    process.stderr.write(stderr);
    process.exitCode = code;
    process.disconnect();
  });
});
