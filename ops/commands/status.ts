import { serviceKeys, services } from "../../app/packages/contract/services";
import { colours } from "../../config/schema/release-state";
import { deploymentName } from "../../config/names";
import { query } from "../core/command";
import type { Context } from "../core/context";
import { currentJournal } from "../core/operation-lease";
import { messageOf } from "../core/outcome";
import { driftSeen } from "../health/drift";
import { describe } from "./operation";

/** One line of what is live. What could not be looked at says why. */
interface Row {
  readonly what: string;
  readonly is: string;
  /** Whether it contradicts what the release parameter says, or cannot be seen. @default false */
  readonly amiss?: boolean;
}

export const status = query({
  name: "status",
  summary: "Shows what is live: colour, image, weights, replicas, running operation, last backup, drift",
  explanation:
    "Reads everything where it is: the release parameter, the load balancer's rules, the Deployments, the record of " +
    "operations, the backup bucket, and what the last look for drift found. Where the rules, the Deployments or a stack " +
    "are not what they should be, it points it out and ends with 7.",
  examples: [
    { line: "status --env production", description: "a look at production" },
    { line: "status --env production --json", description: "the same for a script" },
  ],
  async answer(context) {
    const parts = await Promise.all([
      released(context),
      requests(context),
      pods(context),
      operation(context),
      backup(context),
      drift(context),
    ]);
    const rows = parts.flat();
    const width = Math.max(...rows.map(({ what }) => what.length));
    return {
      lines: rows.map(({ what, is, amiss = false }) => `${amiss ? "✘" : " "} ${what.padEnd(width)}  ${is}`),
      data: rows,
      healthy: rows.every(({ amiss = false }) => !amiss),
    };
  },
});

async function released({ platform }: Context): Promise<Row[]> {
  const { live, images, standby = false } = await platform.release.read();
  const rows = colours.map((colour) => {
    const place = colour === live ? ", live" : standby ? ", standing by" : "";
    return { what: `image ${colour}`, is: `${images[colour] === "" ? "never released" : images[colour]}${place}` };
  });
  return [{ what: "live", is: live }, ...rows];
}

async function requests(context: Context): Promise<Row[]> {
  const { platform } = context;
  const [{ weights }, found, closed] = await Promise.all([
    platform.release.read(),
    platform.loadBalancer.weights(),
    platform.loadBalancer.isClosedToTraders(),
  ]);
  const agree = found.length === 1 && found[0]?.blue === weights.blue;
  const shown = found.map(({ blue, green }) => `blue ${blue} %, green ${green} %`).join("; and also ");
  const wanted = agree ? "" : `; the release says blue ${weights.blue} %, green ${weights.green} %`;
  return [
    { what: "weights", is: `${shown}${wanted}`, amiss: !agree },
    { what: "maintenance page", is: closed ? "on: traders see it" : "off", amiss: closed },
  ];
}

async function pods(context: Context): Promise<Row[]> {
  const { platform } = context;
  const { live, images } = await platform.release.read();
  const names = serviceKeys.flatMap((key) =>
    colours.map((colour) => ({ colour, name: deploymentName(services[key], colour) })),
  );
  return Promise.all(
    names.map(async ({ colour, name }): Promise<Row> => {
      try {
        const { image, wanted, ready } = await platform.cluster.workload(name);
        const other = images[colour] !== "" && images[colour] !== image;
        const is = `${ready} of ${wanted} ready${other ? `, with ${image}, which is not what is released` : ""}`;
        return { what: name, is, amiss: other || ready < wanted || (colour === live && wanted === 0) };
      } catch (error) {
        return { what: name, is: `cannot be seen: ${messageOf(error)}`, amiss: true };
      }
    }),
  );
}

async function operation({ records, clock }: Context): Promise<Row[]> {
  const found = await currentJournal(records);
  return [{ what: "operation", is: found === undefined ? "none so far" : describe(found.journal, clock) }];
}

async function backup({ platform }: Context): Promise<Row[]> {
  try {
    const [newest] = await platform.dumps.names();
    return [{ what: "last dump", is: newest ?? "none so far" }];
  } catch (error) {
    return [{ what: "last dump", is: `cannot be seen: ${messageOf(error)}`, amiss: true }];
  }
}

async function drift(context: Context): Promise<Row[]> {
  try {
    return [{ what: "drift", ...(await driftSeen(context)) }];
  } catch (error) {
    return [{ what: "drift", is: `cannot be seen: ${messageOf(error)}`, amiss: true }];
  }
}
