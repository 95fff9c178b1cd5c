import { Argument } from "commander";
import { action } from "../core/command";
import type { Command } from "../core/command";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { abandonMove, moveTicks, tickKeepers } from "../trading/ticks";
import type { TickKeeper } from "../trading/ticks";

interface MoveInput {
  readonly keeper: TickKeeper;
}

const move = action<MoveInput, MoveInput>({
  name: "ticks move",
  summary: "Moves the ticks to another keeper: TimescaleDB, pg_partman or plain partitions",
  explanation:
    "Days are copied into a table beside the live one, in Jobs of three quarters of an hour, while services read and write " +
    "as before; then the two change places within a second or two, and the table before goes once both were counted. " +
    "Takes as much storage again as the ticks do. Cut short, the same command goes on. Runs beside other operations. Refused " +
    "where the time series have a server of their own: no tick comes to the database then.",
  arguments: [new Argument("<keeper>", "who is to keep them").choices(tickKeepers)],
  options: [],
  examples: [
    { line: "ticks move pg_partman --env staging", description: "after the owner was given the extension" },
    { line: "ticks move partitions --env production --confirm production", description: "back again" },
  ],
  plan: (context, input) => {
    requireTicksInDatabase(context);
    return Promise.resolve(input);
  },
  preview: ({ keeper }) => [`  copy the ticks into a table that ${keeper} keeps, and put it in the live one's place`],
  recorded: ({ keeper }) => ({ keeper }),
  async act(context, { keeper }) {
    const { ticks } = await moveTicks(context, keeper);
    return {
      lines: [ticks === 0 ? `${keeper} keeps the ticks already.` : `${keeper} keeps the ticks: ${ticks} were moved.`],
      data: { keeper, ticks },
    };
  },
});

const abandon = action<object, object>({
  name: "ticks abandon-move",
  summary: "Gives an unfinished move of the ticks up: what was copied goes, and they stay where they are",
  explanation: "For a move that takes more storage than there is, or that was a mistake.",
  arguments: [],
  options: [],
  examples: [{ line: "ticks abandon-move --env staging", description: "after `ticks move` was ended" }],
  plan: () => Promise.resolve({}),
  preview: () => ["  drop what an unfinished move has copied"],
  recorded: () => ({}),
  async act(context) {
    const abandoned = await abandonMove(context);
    return {
      lines: [abandoned ? "The move is given up; the ticks are where they were." : "No move was under way."],
      data: { abandoned },
    };
  },
});

/** The Job reaches the database on RDS alone. @throws OperationError with `refused` where ticks are stored elsewhere */
function requireTicksInDatabase({ environment, platform }: Context): void {
  if (platform.timeSeries === undefined) return;
  throw refused(
    `The ticks of ${environment.name} are stored in their own server, by TimescaleDB; this moves those in the database on ` +
      'RDS, where none come any more. Leave them to their retention, or set timeSeries to { in: "database" } and deploy ' +
      "first: docs/time-series.md",
  );
}

/** Commands that move the ticks to another keeper. */
export const tickCommands: readonly Command[] = [move, abandon];
