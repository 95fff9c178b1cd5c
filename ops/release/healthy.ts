import type { Colour } from "../../config/schema/release-state";
import type { Context } from "../core/context";
import { replicasOf } from "./plan";
import { settled, targetsHealthy } from "./pods";
import { smoke } from "./smoke";

/** Pods ready, targets healthy, and a trader's path by the way that stays open to administrators. */
export async function healthy(context: Context, live: Colour): Promise<string> {
  await settled(context, live);
  await targetsHealthy(context, live, await replicasOf(context, live));
  return smoke(context, live);
}
