import { Argument, InvalidArgumentError, Option } from "commander";
import { imageByDigest } from "../aws/registry";
import { operation } from "../core/command";
import { planRelease } from "../release/plan";
import type { ReleaseOptions, ReleasePlan } from "../release/plan";
import { releaseSteps } from "../release/steps";

interface ReleaseInput extends ReleaseOptions {
  readonly image: string;
}

/** Options of a release and of a roll-back by release. */
export const watchOptions: readonly Option[] = [
  new Option("--soak <minutes>", "time that errors and latency are watched after each move")
    .default(5)
    .argParser(minutes),
  new Option("--max-errors <percent>", "most requests that may fail").default(1).argParser(percent),
  new Option("--max-latency <ms>", "highest 99th percentile of the time to answer").default(1_000).argParser(positive),
];

export const release = operation<ReleaseInput, ReleasePlan>({
  name: "release",
  summary: "Takes an image live, colour by colour, and takes it back when anything is wrong with it",
  explanation:
    "Checks that the image is in the registry and that its migrations only expand, prepares the database, brings the idle " +
    "colour up at the live one's number of pods, tries it through the load balancer, moves the requests to it in steps " +
    "and watches its errors and times to answer after each. Whatever fails: the requests go back at once, the idle colour " +
    "goes down, and the reason is shown. The release parameter follows every move, so that a deploy at any moment agrees.",
  arguments: [
    new Argument("<image>", "<repository>@sha256:<digest>, as the release workflow prints it").argParser(imageByDigest),
  ],
  options: [
    new Option("--weights <percents>", "the moves; the last is 100")
      .default([10, 50, 100], "10,50,100")
      .argParser(moves),
    ...watchOptions,
    new Option("--keep-previous", "leave the pods of the colour before standing, for a roll-back at once").default(
      false,
    ),
  ],
  examples: [
    { line: "release <image> --env staging", description: "10, 50, 100 percent, five minutes each" },
    {
      line: "release <image> --env production --confirm production --dry-run",
      description: "every check, and what would be done",
    },
    {
      line: "release <image> --env production --confirm production --weights 1,10,50,100 --soak 15",
      description: "more carefully",
    },
  ],
  plan: (context, { image, ...options }) => planRelease(context, image, options),
  steps: releaseSteps,
  answer: ({ image, to, from, keepPrevious }) => ({
    lines: [`${to} is live with ${image}.`, keepPrevious ? `${from} stands by.` : `${from} has no pods any more.`],
    data: { live: to, image },
  }),
});

function moves(text: string): readonly number[] {
  const percents = text.split(",").map(Number);
  const rising = percents.every((value, index) => Number.isInteger(value) && value > (percents[index - 1] ?? 0));
  if (rising && percents.at(-1) === 100) return percents;
  throw new InvalidArgumentError("Use rising whole percents that end with 100, for example 10,50,100.");
}

function minutes(text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 24 * 60) return value;
  throw new InvalidArgumentError("Use minutes, 0 to 1440.");
}

function percent(text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError("Use percent, 0 to 100.");
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Use a number above 0.");
}
