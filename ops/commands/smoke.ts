import { Option } from "commander";
import { colours } from "../../config/schema/release-state";
import type { Colour } from "../../config/schema/release-state";
import { query } from "../core/command";
import { messageOf } from "../core/outcome";
import { walkAsTrader } from "../smoke/trader";

export const smoke = query<{ readonly colour?: Colour }>({
  name: "smoke",
  summary: "Walks a trader's path through the public API with a test account",
  explanation:
    "Signs in, has the token validated, looks at symbols and quotes, asks for the session at the broker, signs out. The " +
    "account is registered on the first run; its password is in Secrets Manager. Ends with 7 at the first wrong answer.",
  options: [
    new Option("--colour <colour>", "try one colour, live or not; from an administrator's network").choices(colours),
  ],
  examples: [
    { line: "smoke --env production", description: "what traders get" },
    { line: "smoke --env production --colour green", description: "green, whether or not it is live" },
  ],
  async answer({ platform, progress }, { colour }) {
    const steps: string[] = [];
    try {
      await walkAsTrader(platform.visitor, await platform.smokeAccount.credentials(), colour, (step) => {
        steps.push(step);
        progress.say(`✔ ${step}`);
      });
      return { lines: ["Everything answered as it should."], data: { steps } };
    } catch (error) {
      const reason = messageOf(error);
      return { lines: [`✘ ${reason}`], data: { steps, reason }, healthy: false };
    }
  },
});
