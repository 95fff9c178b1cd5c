import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../../lib/paths";

const image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app:app-0123456789abcdef";
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const byDigest = `111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app@${digest}`;

/** A registry that knows its tags and gives out one password. */
class Registry {
  readonly tags = new Set<string>();
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { imageIds?: [{ imageTag: string }] };
      const [status, answer] = this.answer(String(request.headers["x-amz-target"]), body.imageIds?.[0].imageTag ?? "");
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }

  private answer(target: string, tag: string): [number, object] {
    if (target.endsWith("GetAuthorizationToken")) {
      // Whoever asks for the password pushes.
      this.tags.add("app-0123456789abcdef");
      return [200, { authorizationData: [{ authorizationToken: Buffer.from("AWS:for-a-test").toString("base64") }] }];
    }
    if (this.tags.has(tag)) return [200, { imageDetails: [{ imageTags: [tag], imageDigest: digest }] }];
    return [400, { __type: "ImageNotFoundException", message: "no such tag" }];
  }
}

describe("npm run image", () => {
  const registry = new Registry();
  const folder = mkdtempSync(join(tmpdir(), "image-tool-"));
  const calls = join(folder, "calls");
  let endpoint: string;

  beforeAll(async () => {
    endpoint = await registry.start();
  });
  beforeEach(() => {
    registry.tags.clear();
    for (const file of [calls, join(folder, "docker"), join(folder, "buildah")]) rmSync(file, { force: true });
  });
  afterAll(() => {
    registry.stop();
    rmSync(folder, { recursive: true });
  });

  /** A program that notes its arguments and, for a login, what it read; ends with 1 where a pattern matches them. */
  function install(name: string, failing = "nothing at all"): void {
    const script = `#!/bin/sh
echo "${name} $*" >> ${calls}
case "$*" in "${failing}"*) exit 1;; login*) read -r password; echo "read $password" >> ${calls};; esac
`;
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }

  const called = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);

  async function run(platforms = "linux/amd64"): Promise<{ readonly code: number | null; readonly output: string }> {
    const args = [
      join(projectRoot, "tools/run.mjs"),
      "tools/image/main.ts",
      "--image",
      image,
      "--platforms",
      platforms,
    ];
    const child = spawn(process.execPath, args, {
      env: {
        PATH: folder,
        HOME: folder,
        NODE_PATH: dirname(require.resolve("esbuild/package.json")),
        AWS_ENDPOINT_URL_ECR: endpoint,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  }

  test("builds nothing that is there already", async () => {
    install("docker");
    registry.tags.add("app-0123456789abcdef");
    expect(await run()).toEqual({ code: 0, output: `${image} is there already\n${byDigest}\n` });
    expect(called()).toEqual([]);
  });

  test("builds and pushes with docker, and leaves no password behind", async () => {
    install("docker");
    const { code, output } = await run("linux/amd64,linux/arm64");
    expect([code, output.trim().split("\n").at(-1)]).toEqual([0, byDigest]);
    expect(called()).toEqual([
      "docker info",
      "docker buildx version",
      "docker login --username AWS --password-stdin 111122223333.dkr.ecr.us-east-1.amazonaws.com",
      "read for-a-test",
      "docker buildx inspect bist-trading",
      `docker buildx build --builder bist-trading --platform linux/amd64,linux/arm64 --provenance false --file app/Dockerfile --tag ${image} --push .`,
      "docker logout 111122223333.dkr.ecr.us-east-1.amazonaws.com",
    ]);
  });

  test("takes buildah where docker's daemon does not answer", async () => {
    install("docker", "info");
    install("buildah");
    expect(await run()).toMatchObject({ code: 0 });
    const built = called().filter((line) => /^buildah (build|manifest push)/.test(line));
    expect(built).toEqual([
      expect.stringMatching(/^buildah build --platform linux\/amd64 --manifest \S+ --file app\/Dockerfile \.$/),
      expect.stringMatching(new RegExp(`^buildah manifest push --all \\S+ docker://${image}$`)),
    ]);
  });

  test("says what to install where there is no builder", async () => {
    const { code, output } = await run();
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining("install buildah") as string });
    expect(output).not.toContain(" at ");
  });

  test("fails with its builder, signed out", async () => {
    install("docker", "buildx build");
    expect(await run()).toMatchObject({
      code: 1,
      output: expect.stringContaining("docker buildx ended with 1") as string,
    });
    expect(called().at(-1)).toMatch(/^docker logout/);
  });
});
