/** `npm stop`: takes the local platform down and keeps what it holds; `npm stop -- --erase` forgets that too. */
import { parts, starting } from "./parts";

/** What Terraform has in flight takes this long to end in good order. */
const START_PATIENCE_MS = 60_000;

async function main(args: readonly string[]): Promise<number> {
  const [option, ...more] = args;
  if (more.length > 0 || (option !== undefined && option !== "--erase")) {
    process.stderr.write(
      "usage: npm stop [-- --erase]\n  --erase  also forgets what the emulator and the application hold, and Terraform's states\n",
    );
    return 2;
  }
  if (await starting.end(START_PATIENCE_MS)) process.stdout.write("Ended the npm start that was at work.\n");
  for (const part of parts.toReversed()) {
    const lines = await (option === "--erase" ? part.erase() : part.stop());
    process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  }
  return 0;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
