import { Argument } from "commander";
import { operation } from "../core/command";
import { planRotation, rotations, rotationSteps } from "../secrets/rotation";
import type { Rotatable, RotationPlan } from "../secrets/rotation";

const names = Object.keys(rotations) as readonly Rotatable[];

export const rotate = operation<{ readonly secret: Rotatable }, RotationPlan>({
  name: "rotate",
  summary: "Replaces a secret by a new value, and the pods that read it, a few at a time",
  explanation:
    "The new value is generated into Secrets Manager and never shown. The one before stays as the secret's previous " +
    "version, and is put back when anything fails.\n\n" +
    names.map((name) => `${name}: ${rotations[name].effect}.`).join("\n") +
    "\n\nThe database's owner is rotated by RDS every week, and AlgoLab's account where AlgoLab says.",
  arguments: [new Argument("<secret>", "which").choices(names)],
  examples: [
    {
      line: "rotate encryption --env production --confirm production",
      description: "new personal data gets a new key",
    },
    { line: "rotate cache --env staging", description: "with two good passwords on the way" },
  ],
  plan: (context, { secret }) => planRotation(context, secret),
  steps: rotationSteps,
  answer: ({ secret, after }) => ({
    lines: [`${secret} has a new value, version ${after}; everything that reads it has started anew.`],
    data: { secret, version: after },
  }),
});
