import { z } from "zod";
import { Simulator } from "./simulator";

/** The simulator as a process of its own; SMS codes are printed. */
const environment = z.object({
  ALGOLAB_API_KEY: z.string(),
  SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SIMULATOR_HOST: z.string().default("127.0.0.1"),
  SIMULATOR_SEED: z.coerce.number().int().default(1),
  SIMULATOR_TRADES_PER_SECOND: z.coerce.number().min(0).default(20),
  SIMULATOR_RATE_INTERVAL_MS: z.coerce.number().int().min(0).default(5000),
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
    onSms: (customer, code) => {
      console.log(`SMS to customer ${masked(customer)}: ${code}`);
    },
  });
  console.log(`AlgoLab simulator at ${simulator.url}`);
  const stop = () => {
    void simulator.close();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** The last two characters: enough to tell customers apart, too little to identify one. */
function masked(customer: string): string {
  return customer.slice(-2).padStart(customer.length, "*");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
