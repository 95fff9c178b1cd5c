import { z } from "zod";
import { readHabits } from "./habits";
import type { Habits } from "./habits";
import { Simulator } from "./simulator";
import { restoreState, saveState } from "./state";

const saveEveryMs = 1_000;

/** The simulator as a process of its own; SMS codes are printed. */
const environment = z.object({
  ALGOLAB_API_KEY: z.string(),
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SIMULATOR_HOST: z.string().default("127.0.0.1"),
  SIMULATOR_SEED: z.coerce.number().int().default(1),
  SIMULATOR_TRADES_PER_SECOND: z.coerce.number().min(0).default(20),
  SIMULATOR_RATE_INTERVAL_MS: z.coerce.number().int().min(0).default(5000),
  /** Some habits by name, as JSON; see `habitChoices`. */
  SIMULATOR_HABITS: z.string().default("{}"),
  /** Numbers of every customer's sub-accounts, with commas. */
  SIMULATOR_SUB_ACCOUNTS: z.string().default("100"),
  /** Where orders, holdings and sessions are kept for the next start; without it they end with the process. */
  SIMULATOR_STATE_FILE: z.string().optional(),
});

async function main(): Promise<void> {
  const read = environment.safeParse(process.env);
  if (!read.success) throw new Error(`the simulator's environment is not right:\n${z.prettifyError(read.error)}`);
  const simulator = await Simulator.start({
    apiKey: read.data.ALGOLAB_API_KEY,
    port: read.data.SIMULATOR_PORT,
    host: read.data.SIMULATOR_HOST,
    seed: read.data.SIMULATOR_SEED,
    tradesPerSecond: read.data.SIMULATOR_TRADES_PER_SECOND,
    rateIntervalMs: read.data.SIMULATOR_RATE_INTERVAL_MS,
    habits: habitsIn(read.data.SIMULATOR_HABITS),
    subAccounts: read.data.SIMULATOR_SUB_ACCOUNTS.split(","),
    onSms: (customer, code) => {
      console.log(`SMS to customer ${masked(customer)}: ${code}`);
    },
  });
  const keep = keepState(simulator, read.data.SIMULATOR_STATE_FILE);
  console.log(`AlgoLab simulator at ${simulator.url}`);
  const stop = () => {
    keep.end();
    void simulator.close();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function habitsIn(json: string): Partial<Habits> {
  try {
    return readHabits(JSON.parse(json));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`SIMULATOR_HABITS is not an object of habits:\n${problem}`, { cause: error });
  }
}

/** Goes on from a file and keeps it up to date. */
function keepState(simulator: Simulator, file: string | undefined): { end: () => void } {
  if (file === undefined) return { end: () => undefined };
  restoreState(simulator, file, new Date());
  const save = () => {
    saveState(simulator, file);
  };
  const timer = setInterval(save, saveEveryMs);
  return {
    end: () => {
      clearInterval(timer);
      save();
    },
  };
}

/** The last two characters: enough to distinguish customers, too little to identify one. */
function masked(customer: string): string {
  return customer.slice(-2).padStart(customer.length, "*");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
