import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths";

const job = (condition?: string) => ({
  metadata: { name: "bootstrap-1" },
  status: { conditions: condition === undefined ? [] : [{ type: condition, status: "True" }] },
});
const pod = {
  metadata: { name: "bootstrap-1-abcde" },
  status: {
    phase: "Pending",
    containerStatuses: [{ state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } }],
  },
};
const event = { reason: "FailedMount", message: 'secret "database-jobs-1" not found' };

describe("npm run await-job", () => {
  const folder = mkdtempSync(join(tmpdir(), "await-job-"));
  const kubeconfig = join(folder, "kubeconfig");
  /** What the API server says about the Job, one answer after the other; the last one stays. */
  let answers: object[] = [];

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    const known: Readonly<Record<string, () => object | string | undefined>> = {
      "/apis/batch/v1/namespaces/trading/jobs/bootstrap-1": () => (answers.length > 1 ? answers.shift() : answers[0]),
      "/api/v1/namespaces/trading/pods": () => ({ items: [pod] }),
      "/api/v1/namespaces/trading/events": () => ({ items: [event] }),
      "/api/v1/namespaces/trading/pods/bootstrap-1-abcde/log": () => "ran 001_users\ncannot reach the database",
    };
    const found = known[pathname]?.();
    response.setHeader("content-type", typeof found === "string" ? "text/plain" : "application/json");
    response.statusCode = found === undefined ? 404 : 200;
    response.end(typeof found === "string" ? found : JSON.stringify(found ?? { kind: "Status", code: 404 }));
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const config = {
      clusters: [
        {
          name: "c",
          cluster: {
            server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            "insecure-skip-tls-verify": true,
          },
        },
      ],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "test", context: { cluster: "c", user: "u" } }],
    };
    writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", ...config }));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function wait(seconds = "60", context = "test") {
    const options = { namespace: "trading", job: "bootstrap-1", seconds, kubeconfig, context };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(process.execPath, [join(projectRoot, "tools/run.mjs"), "tools/await-job.ts", ...args]);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  }

  test("says nothing when the Job has succeeded, however late", async () => {
    answers = [job(), job(), job("Complete")];
    expect(await wait()).toEqual({ code: 0, output: "" });
  });

  test("shows the last lines of a Job that failed", async () => {
    answers = [job(), job("Failed")];
    expect(await wait()).toEqual({
      code: 1,
      output: "the Job bootstrap-1 failed; its last lines:\n    ran 001_users\n    cannot reach the database\n",
    });
  });

  test("shows what a Job waits for that has not ended in time", async () => {
    answers = [job()];
    const { code, output } = await wait("0");
    expect(code).toBe(1);
    expect(output).toContain("has not ended within 0 s");
    expect(output).toContain("ImagePullBackOff: no such image");
    expect(output).toContain('FailedMount: secret "database-jobs-1" not found');
  });

  test("takes no other context than the one that is named", async () => {
    expect(await wait("60", "somebody-else's")).toMatchObject({
      code: 1,
      output: expect.stringContaining(`has no context "somebody-else's"`) as string,
    });
  });
});
