import type { Step } from "../core/command";
import type { Context } from "../core/context";
import { LeaseLost } from "../core/operation-lease";
import { messageOf } from "../core/outcome";
import type { DrillLog } from "./log";
import type { PartName } from "./targets";

/** A part of a drill. */
export interface Part {
  readonly name: PartName;
  readonly steps: readonly Step[];
  /** Step by whose end what was lost serves again. @default the last one */
  readonly recoveredBy?: string;
  /** Part that has to have gone well for this one to mean anything. */
  readonly after?: PartName;
}

/**
 * The steps of a part, timed. That one fails is what a drill is there to find: the part is taken back, the reason goes
 * on record, and the drill goes on with the next part.
 */
export function partSteps(part: Part, log: DrillLog, { clock }: Context): readonly Step[] {
  const { name, steps, after } = part;
  const recoveredBy = part.recoveredBy ?? steps.at(-1)?.name;
  const now = () => clock.now().toISOString();
  const attempt = async (step: Step): Promise<string | undefined> => {
    const { beganAt = now() } = await log.of(name);
    await log.note(name, { beganAt });
    const said = await step.run();
    const { recoveredAt = now() } = await log.of(name);
    if (step.name === recoveredBy) await log.note(name, { recoveredAt });
    return said;
  };
  return steps.map((step, index) => ({
    ...step,
    name: `${name}: ${step.name}`,
    run: async () => {
      if (after !== undefined && (await log.of(after)).failure !== undefined) return `left out: ${after} failed`;
      const { failedAt } = await log.of(name);
      if (failedAt === undefined) {
        try {
          return await attempt(step);
        } catch (error) {
          // Past the point of no return there is only going on, as in every operation.
          const isPastReturn = steps.slice(0, index + 1).some(({ final }) => final === true);
          if (error instanceof LeaseLost || isPastReturn) throw error;
          await log.note(name, { failure: messageOf(error), failedAt: step.name });
        }
      } else if (failedAt !== step.name) return `left out: "${failedAt}" failed`;
      // On record before it is taken back: killed in between, it is taken back again, and never gone on with.
      for (const begun of steps.slice(0, index + 1).reverse()) await begun.undo?.();
      return `failed, and taken back: ${(await log.of(name)).failure ?? ""}`;
    },
  }));
}
