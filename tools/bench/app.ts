/**
 * `npm run bench:app`: the application's speed, each figure beside its reference in the same run. A part of it with
 * `-- ticks quotes`; `--runs 9` for more runs of each side, `--soak 10` for more minutes of memory under load, `--profile folder`
 * for CPU profiles of the services, `--ticks 50000000` for another year of history than one of 5 M ticks.
 */
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureDeliveries } from "./app/deliveries";
import { measureHistory } from "./app/history";
import type { Line, Measurement } from "./app/measurement";
import { measureMemory } from "./app/memory";
import { measureOrders } from "./app/orders";
import { measureQuotes } from "./app/quotes";
import { report } from "./app/report";
import { measureTicks } from "./app/ticks";
import { startBenchEnvironment } from "./app/bench-environment";

/** In this order: memory at first, while nothing has happened yet. */
const measurements = {
  memory: measureMemory,
  ticks: measureTicks,
  deliveries: measureDeliveries,
  quotes: measureQuotes,
  orders: measureOrders,
  history: measureHistory,
} as const satisfies Record<string, Measurement>;
type Name = keyof typeof measurements;

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    interrupt.abort(new Error("interrupted"));
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function main(args: readonly string[]): Promise<void> {
  const { names, runs, soakMinutes, ticks, profileFolder } = read(args);
  console.log(
    `${cpus().length} processors, ${cpus()[0]?.model ?? "of a kind that is not known"}; Node ${process.version}`,
  );
  const tell = (progress: string) => {
    console.log(`  ${progress}`);
  };
  tell("building and starting");
  const bench = await startBenchEnvironment(interrupt.signal, profileFolder);
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt.signal.addEventListener("abort", () => {
      reject(interrupt.signal.reason as Error);
    });
  });
  const lines: Line[] = [];
  try {
    for (const name of names) {
      lines.push(...(await Promise.race([measurements[name](bench, { runs, soakMinutes, ticks, tell }), interrupted])));
    }
  } catch (error) {
    tell(`what the processes said last is kept in ${bench.keepLogs()}`);
    throw error;
  } finally {
    tell("stopping");
    await bench.stop();
    if (lines.length > 0)
      console.log(
        `\n${report(lines)}\nload average ${loadavg()
          .map((load) => load.toFixed(1))
          .join(", ")}`,
      );
  }
  if (names.includes("memory") && soakMinutes < 10) {
    console.log(
      `\nMemory was watched for ${soakMinutes} min; growth is judged by ten: npm run bench:app -- memory --soak 10`,
    );
  }
}

interface Choices {
  readonly names: readonly Name[];
  readonly runs: number;
  readonly soakMinutes: number;
  readonly ticks: number;
  readonly profileFolder: string | undefined;
}

/** @throws Error that says what cannot be used */
function read(args: readonly string[]): Choices {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "5" },
      soak: { type: "string", default: "1" },
      ticks: { type: "string", default: "5000000" },
      profile: { type: "string" },
    },
  });
  const known = Object.keys(measurements) as readonly Name[];
  const unknown = positionals.filter((name) => !known.includes(name as Name));
  if (unknown.length > 0) throw new Error(`There is no measurement ${unknown.join(", ")}; use ${known.join(", ")}`);
  const [runs, soakMinutes, ticks] = [Number(values.runs), Number(values.soak), Number(values.ticks)];
  if (!Number.isInteger(runs) || runs < 1 || runs > 50)
    throw new Error(`--runs ${values.runs} is not a number from 1 to 50`);
  if (!(soakMinutes >= 0.2 && soakMinutes <= 60)) throw new Error(`--soak ${values.soak} is not 0.2 to 60 minutes`);
  if (!Number.isInteger(ticks) || ticks < 10_000)
    throw new Error(`--ticks ${values.ticks} is not a number from 10000 on`);
  return {
    names: known.filter((name) => positionals.length === 0 || positionals.includes(name)),
    runs,
    soakMinutes,
    ticks,
    profileFolder: values.profile && resolve(values.profile),
  };
}
