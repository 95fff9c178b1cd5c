import type { Colour } from "../../config/schema/release-state";
import type { Context } from "../core/context";
import { walkAsTrader } from "../smoke/trader";

/** A trader's path through one colour, from an administrator's network. */
export async function smoke(context: Context, colour: Colour): Promise<string> {
  const { platform, progress } = context;
  if (!platform.forwards) return "skipped: no load balancer forwards here";
  const account = await platform.smokeAccount.credentials();
  await walkAsTrader(platform.visitor, account, colour, (step) => {
    progress.note(step);
  });
  return "as it should be";
}
