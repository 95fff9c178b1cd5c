import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Application } from "../../../local/app/application";
import { projectRoot } from "../../../lib/paths";
import { startTestApplication } from "../support/application";

const page = readFileSync(join(projectRoot, "docs", "try-the-application.md"), "utf8");
const writtenAddress = "127.0.0.1:8080";
/** Every line that the page tells the reader to type, in its order. */
const session = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines).join("\n");

let application: Application | undefined;
beforeAll(async () => {
  application = await startTestApplication();
}, 300_000);
afterAll(() => application?.stop());

/** Types the session into a shell that stops at the first line that fails. */
async function type(lines: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const shell = spawn("bash", ["-euo", "pipefail"], { cwd: projectRoot, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  shell.stdout.on("data", (text: Buffer) => (output += text.toString()));
  shell.stderr.on("data", (text: Buffer) => (output += text.toString()));
  shell.stdin.end(lines);
  const code = await new Promise<number | null>((resolve) => shell.once("close", resolve));
  return { code, output };
}

test("the session in docs/try-the-application.md works as it is written", async () => {
  const host = new URL(application?.addresses.page ?? "").host;
  const { code, output } = await type(session.replaceAll(writtenAddress, host));
  const lines = output.trim().split("\n");
  const json = (index: number): unknown => JSON.parse(lines[index] ?? "");
  expect({ code, output }).toMatchObject({ code: 0 });

  expect(json(0)).toEqual({ userId: expect.any(String) as string });
  expect(json(1)).toMatchObject({ roles: ["TRADER"] });
  expect(json(2)).toMatchObject({ type: "SNAPSHOT" });
  for (const index of [3, 4, 5, 6]) {
    expect(json(index)).toMatchObject({ type: "UPDATE", quotes: [{ price: expect.any(String) as string }] });
  }
  expect(json(7)).toMatchObject({ state: "AWAITING_CODE" });
  expect(json(8)).toMatchObject({ state: "LOGGED_IN" });
  expect(lines[9]).toMatch(/ is ACCEPTED$/);
  expect(json(10)).toMatchObject({ request: { kind: "CANCEL" } });
  expect(lines[11]).toMatch(/ is CANCELLED$/);
  expect(lines[12]).toMatch(/ is FILLED$/);
  expect(json(13)).toMatchObject({ positions: [{ symbol: "GARAN", quantity: "1" }] });
  expect(lines).toHaveLength(14);
}, 300_000);

test("it works once more with the data that it left", async () => {
  const host = new URL(application?.addresses.page ?? "").host;
  const { code, output } = await type(session.replaceAll(writtenAddress, host));
  const lines = output.trim().split("\n");
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ code: "ALREADY_REGISTERED" });
  expect(lines.filter((line) => / is (ACCEPTED|CANCELLED|FILLED)$/.test(line))).toHaveLength(3);
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ positions: [{ symbol: "GARAN", quantity: "2" }] });
}, 300_000);
