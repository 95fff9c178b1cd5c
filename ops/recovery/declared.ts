import { serviceKeys, services } from "../../app/packages/contract/services";
import type { Environment } from "../../config";
import { colours } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import type { Context } from "../core/context";
import { messageOf, refused, Unreachable } from "../core/outcome";

/**
 * Sees that everything is there which the application stands on. What is not, only a deploy puts back, from the states
 * in S3: no operation knows what it was like.
 *
 * @throws OperationError with `refused` that names what is missing and the deploy
 */
export async function requireDeclared(context: Context): Promise<void> {
  const { cluster, loadBalancer, release } = context.platform;
  const deployments = serviceKeys.flatMap((key) => colours.map((colour) => deploymentName(services[key], colour)));
  const looks: readonly { readonly stack: string; readonly look: () => Promise<unknown> }[] = [
    { stack: "edge", look: () => release.read() },
    { stack: "edge", look: () => loadBalancer.weights() },
    ...deployments.map((name) => ({ stack: "trading", look: () => cluster.workload(name) })),
  ];
  const found = await Promise.all(
    looks.map(async ({ stack, look }) => {
      try {
        await look();
        return [];
      } catch (error) {
        if (error instanceof Unreachable) throw error;
        return [{ stack, problem: messageOf(error) }];
      }
    }),
  );
  const missing = found.flat();
  if (missing.length === 0) return;
  const stacks = [...new Set(missing.map(({ stack }) => stack))];
  throw refused(
    `The application cannot be recovered on ground that is not there:\n` +
      missing.map(({ problem }) => `  ${problem}`).join("\n") +
      `\nPut it back from what is declared and the states in S3: \`${deployLine(context.environment, stacks)}\`. Then type this again`,
  );
}

/** What deploys stacks by hand. */
export function deployLine({ name, aws }: Pick<Environment, "name" | "aws">, stacks: readonly string[]): string {
  if (aws.emulator !== undefined) return "npm start";
  return `npx cdktf deploy ${stacks.map((stack) => `${name}-${stack}`).join(" ")}`;
}
