import { freePort } from "../../app/packages/embedded/free-port";
import { listenerOn } from "../../lib/process";
import { portVariables } from "./settings";
import type { Ports } from "./settings";

/**
 * The ports to use: those that are wanted, and free ones in place of 0.
 *
 * @throws Error that names every port that is taken, by whom, and the variable that chooses another
 */
export async function choosePorts(wanted: Ports): Promise<Ports> {
  const names = Object.keys(wanted) as (keyof Ports)[];
  const taken = names.flatMap((name) => {
    const holder = wanted[name] === 0 ? undefined : listenerOn(wanted[name]);
    if (holder === undefined) return [];
    const who = `process ${holder.pid} (${holder.command})`;
    return [`Port ${wanted[name]} is taken by ${who}; end that, or choose another port with ${portVariables[name]}.`];
  });
  if (taken.length > 0) throw new Error(taken.join("\n"));
  const chosen = await Promise.all(names.map(async (name) => [name, wanted[name] || (await freePort())] as const));
  return Object.fromEntries(chosen) as Ports;
}
