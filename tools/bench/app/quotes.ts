import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../../lib/paths";
import { atLeastOfReference } from "./measurement";
import type { Line, Measurement } from "./measurement";
import { sampleSymbols } from "./sample-ticks";

const run = promisify(execFile);
const autocannon = join(projectRoot, "node_modules/autocannon/autocannon.js");
const connections = 32;
const seconds = 4;
const symbols = 30;

/** Quotes over HTTP, against fastify that answers the same text and does nothing else. */
export const measureQuotes: Measurement = async (bench, { runs, tell }) => {
  await bench.tickSource.tell("pace", { ticksASecond: 1_000, seconds: 1, symbols });
  const [token = ""] = await bench.tokens.issue(1);
  const base = `${bench.urls.marketData}/api/v1/market-data/quotes`;
  const many = `${base}?symbols=${sampleSymbols.slice(0, symbols).join()}`;
  const one = `${base}/${sampleSymbols[0] ?? ""}`;
  const bare = await bench.start("bare-routes", {
    QUOTES_URL: many,
    QUOTE_URL: one,
    ACCESS_TOKEN: token,
  });
  const lines: Line[] = [];
  for (const [name, url, bareUrl] of [
    [`${symbols} quotes over HTTP, against bare fastify`, many, `${bare.url}/quotes`],
    ["one quote over HTTP, against bare fastify", one, `${bare.url}/quote`],
  ] as const) {
    const ours: number[] = [];
    const reference: number[] = [];
    for (let count = 0; count <= runs; count++) {
      tell(`${name}, run ${count} of ${runs}`);
      const [answered, bareAnswered] = [await answersASecond(url, token), await answersASecond(bareUrl, token)];
      if (count === 0) continue;
      ours.push(answered);
      reference.push(bareAnswered);
    }
    lines.push({ name, unit: "requests/s", ours, reference, aim: atLeastOfReference(0.8) });
  }
  return lines;
};

interface Report {
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
  readonly duration: number;
}

/** In a process of its own; what it sends is no argument, for arguments can be read by every user of the machine. */
const load =
  "require(process.env.AUTOCANNON)(JSON.parse(process.env.LOAD)).then((r) => console.log(JSON.stringify(r)))";

async function answersASecond(url: string, token: string): Promise<number> {
  const options = { url, connections, duration: seconds, headers: { authorization: `Bearer ${token}` } };
  const env = { ...process.env, AUTOCANNON: autocannon, LOAD: JSON.stringify(options) };
  const { stdout } = await run(process.execPath, ["-e", load], { env, maxBuffer: 1 << 24 });
  const report = JSON.parse(stdout) as Report;
  if (report.errors + report.non2xx > 0) {
    throw new Error(`${url} failed: ${report.errors} errors, ${report.non2xx} answers other than 2xx`);
  }
  return report["2xx"] / report.duration;
}
