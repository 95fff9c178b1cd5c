import { flushTraces } from "./observability/tracing";
import type { ServiceContract } from "../contract/services";
import { ConfigError } from "./config/read";
import type { ServiceConfig } from "./config/sections";
import { startService } from "./service";
import type { Kit, ServiceOptions } from "./service";

/**
 * The life of a service as a process: starts it, and drains it on SIGTERM or SIGINT.
 * Ends with 0 after a full drain, 1 when the start fails or the drain takes longer than it may.
 */
export async function runService<C extends ServiceConfig>(
  contract: ServiceContract,
  configure: () => C,
  build: (kit: Kit, config: C) => Promise<void> | void,
  optionsOf: (config: C) => ServiceOptions = () => ({}),
): Promise<void> {
  try {
    const config = configure();
    const service = await startService(contract, config, (kit) => build(kit, config), optionsOf(config));
    const { log, lifecycle } = service.kit;
    lifecycle.onClose("traces", flushTraces);
    const end = (signal: string) => {
      log.info({ signal }, "draining");
      setTimeout(() => {
        log.error("the drain took too long; what is left is cut off");
        process.exit(1);
      }, config.http.drainTimeoutMs).unref();
      void service.stop().then(() => {
        log.info("ended");
        process.exit(0);
      });
    };
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : String((error as Error).stack);
    process.stderr.write(`${contract.name}: ${text}\n`);
    process.exit(1);
  }
}
