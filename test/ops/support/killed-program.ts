/**
 * One run of the tool in a process of its own, which is killed right after the change of the given number:
 * `killed-program <command line> <application's address> <time> [number]`. Tells every change on a line of its own.
 */
import { Harness } from "./harness";
import { watched } from "./points";

const [line = "", application = "", time = "", killAt] = process.argv.slice(2);
const harness = new Harness(application, Number(time));
let count = 0;

void harness
  .ops(
    line,
    watched(harness, (point) => {
      count += 1;
      process.stdout.write(`${point}\n`);
      if (count === Number(killAt)) process.kill(process.pid, "SIGKILL");
    }),
  )
  .then(({ code, told }) => {
    process.stderr.write(told);
    process.exitCode = code;
  });
