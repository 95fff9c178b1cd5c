import { operation } from "../core/command";
import { drillSteps, planDrill } from "../drill/plan";
import type { DrillPlan } from "../drill/plan";
import { drillAnswer } from "../drill/report";

export const drill = operation<object, DrillPlan>({
  name: "drill",
  summary: "Rehearses release, roll-back, loss, fail-over and restore, and measures them against the guide's targets",
  explanation:
    "Releases the live image to the idle colour and rolls back, ends every pod of the services, lets the database fail " +
    "over where it has a standby, makes a dump and restores it into a copy that is dropped again. Where the time series have " +
    "a server of their own, ends its primary's pod while writes go on, and restores it into a copy. What cannot be done in " +
    "the environment is skipped, with the reason. A part that fails is undone and reported, and the next one begins. " +
    "At the end, time to recover and what would have been lost stand beside the guide's table; ends with 7 when a target " +
    "was missed. Requests fail meanwhile: refused where traders are real.",
  examples: [
    { line: "drill --env staging", description: "everything, and the table" },
    { line: "drill --env staging --dry-run", description: "what would be done, step by step" },
  ],
  plan: (context) => planDrill(context),
  steps: drillSteps,
  answer: drillAnswer,
});
