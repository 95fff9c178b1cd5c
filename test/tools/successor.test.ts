import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareStacks, describeDifference } from "../../tools/successor/compare";
import { installedPackage, installTrial } from "../../tools/successor/install";
import { trialManifest } from "../../tools/successor/manifest";
import { unreachableRegistry } from "../../tools/successor/npm-failure";

const root = join(__dirname, "../..");

describe("the comparison of stacks", () => {
  const stack = {
    "//": { metadata: { version: "0.21.0" } },
    terraform: {
      backend: { s3: { key: "network.tfstate" } },
      required_providers: { aws: { source: "aws", version: "5.100.0" } },
    },
    provider: { aws: [{ region: "eu-central-1" }] },
    resource: {
      aws_vpc: { Network: { "//": { metadata: { path: "network/Network" } }, cidr_block: "10.0.0.0/16", tags: ["a"] } },
      aws_subnet: { A: { vpc_id: "${aws_vpc.Network.id}" }, B: { vpc_id: "${aws_vpc.Network.id}" } },
    },
    data: { aws_caller_identity: { Self: {} } },
    output: { vpc: { value: "${aws_vpc.Network.id}" } },
  };
  const today = [{ source: "registry.terraform.io/hashicorp/aws", version: "5.100.0" }];
  const newer = [{ source: "registry.terraform.io/hashicorp/aws", version: "6.66.0" }];
  const compare = (after: unknown, before: unknown = stack) =>
    compareStacks(
      { stacks: new Map([["network", JSON.stringify(before)]]), providers: today },
      { stacks: new Map([["network", JSON.stringify(after)]]), providers: newer },
    );
  const paths = (after: unknown) => compare(after).flatMap(({ differences }) => differences.map(({ path }) => path));
  /** What the successor makes of the stack, with one value set. */
  const withValue = (path: string, value: unknown) => {
    const copy = structuredClone(stack);
    copy.terraform.required_providers.aws.version = "6.66.0";
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce<unknown>((block, key) => (block as Record<string, unknown>)[key], copy);
    (parent as Record<string, unknown>)[last] = value;
    return copy;
  };

  test("finds nothing where only the library's notes, the order of keys or the bindings' provider changed", () => {
    const after = {
      resource: {
        aws_subnet: stack.resource.aws_subnet,
        aws_vpc: { Network: { tags: ["a"], cidr_block: "10.0.0.0/16", "//": { metadata: { path: "elsewhere" } } } },
      },
      output: stack.output,
      data: stack.data,
      provider: stack.provider,
      terraform: {
        ...stack.terraform,
        required_providers: { aws: { source: "hashicorp/aws", version: "6.66.0" } },
      },
    };
    expect(compare(after)).toEqual([
      {
        id: "network",
        contents: "3 resources, 1 data sources, 1 providers, 1 outputs, backend s3",
        differences: [],
      },
    ]);
  });

  test.each([
    ["resource.aws_vpc.Network.cidr_block", "10.1.0.0/16"],
    ["resource.aws_vpc.Network.tags.1", "b"],
    ["resource.aws_vpc.Network.enable_dns_support", false],
    ["resource.aws_vpc.Other", {}],
    ["resource.aws_subnet.A.vpc_id", null],
    ["data.aws_caller_identity.Self.region", "eu-west-1"],
    ["provider.aws.0.region", "eu-west-1"],
    ["output.vpc.sensitive", true],
    ["terraform.backend.s3.key", "other.tfstate"],
    ["terraform.required_version", ">= 1.11"],
    ["terraform.required_providers.aws.version", "6.0.0"],
  ])("names %s", (path, value) => {
    expect(paths(withValue(path, value))).toEqual([path]);
  });

  test("names a provider from elsewhere, and its version that no bindings have", () => {
    expect(paths(withValue("terraform.required_providers.aws.source", "example/aws"))).toEqual([
      "terraform.required_providers.aws.source",
      "terraform.required_providers.aws.version",
    ]);
  });

  test("names what is gone, and a list that became a block", () => {
    const { output: _output, ...rest } = stack;
    expect(paths({ ...rest, provider: { aws: { "0": { region: "eu-central-1" } } } }).sort()).toEqual([
      "output",
      "provider.aws",
      "terraform.required_providers.aws.version",
    ]);
  });

  test("names a stack that one side alone has", () => {
    const found = compareStacks(
      { stacks: new Map(), providers: today },
      { stacks: new Map([["edge", JSON.stringify({ output: { zone: { value: "z" } } })]]), providers: newer },
    );
    expect(found).toMatchObject([{ id: "edge", differences: [{ path: "output", today: undefined }] }]);
  });

  test("shows both values of a difference, shortened", () => {
    expect(describeDifference({ path: "output.page.value", today: undefined, successor: "x".repeat(200) })).toBe(
      `output.page.value: nothing today, "${"x".repeat(78)}… by the successor`,
    );
  });
});

describe("the trial's package.json", () => {
  test("has a replacement for every package of cdktf that this project depends on, and no other package", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly dependencies: Record<string, string>;
    };
    const manifest = trialManifest(dependencies);
    expect(Object.keys(manifest.dependencies).sort()).toEqual(
      Object.keys(dependencies)
        .filter((name) => /^(@cdktf\/.*|cdktf|constructs)$/.test(name))
        .sort(),
    );
    expect(manifest.dependencies).toMatchObject({
      cdktf: expect.stringMatching(/^npm:cdktn@0\.24\.\d+$/) as string,
      "@cdktf/provider-aws": expect.stringMatching(/^npm:@cdktn\/provider-aws@\d+\.\d+\.\d+$/) as string,
      "@cdktf/provider-kubernetes": dependencies["@cdktf/provider-kubernetes"],
    });
  });

  test("is refused, by name, for packages of cdktf that nothing is known to replace", () => {
    expect(() =>
      trialManifest({ cdktf: "0.21.0", "@cdktf/provider-random": "11.0.0", "@cdktf/toString": "1.0.0", zod: "4.0.0" }),
    ).toThrow(/^@cdktf\/provider-random, @cdktf\/toString: no replacement in tools\/successor\/manifest\.ts/);
  });
});

describe("a failure of npm", () => {
  test.each(["ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED", "ECONNRESET", "ERR_SOCKET_TIMEOUT"])(
    "with %s says that the registry is out of reach",
    (code) => {
      expect(unreachableRegistry(`npm warn old\nnpm error code ${code}\nnpm error syscall connect\n`)).toBe(code);
    },
  );

  test.each([
    "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/cdktn",
    "npm error code ETARGET\nnpm error notarget No matching version found for cdktn@9.9.9.",
    "npm error code ENOSPC\nnpm error the last try ended with ETIMEDOUT",
    "",
  ])("with anything else does not: %j", (stderr) => {
    expect(unreachableRegistry(stderr)).toBeUndefined();
  });
});

describe("the trial's installation", () => {
  const manifest = trialManifest({ cdktf: "0.21.0", "@cdktf/provider-helm": "12.1.2" });
  const path = process.env["PATH"];
  let folder: string;
  let trial: string;

  /** An npm that counts its runs and does what `script` does, in the folder to install to. */
  function npm(script: string): void {
    writeFileSync(
      join(folder, "npm"),
      `#!${process.execPath}
const { appendFileSync, cpSync, mkdirSync, writeFileSync } = require("node:fs");
appendFileSync(${JSON.stringify(join(folder, "runs"))}, "x");
const put = (name, content) => {
  mkdirSync("node_modules/" + name, { recursive: true });
  writeFileSync("node_modules/" + name + "/package.json", JSON.stringify(content));
};
${script}
`,
      { mode: 0o755 },
    );
  }
  const installs = `
put("cdktf", { name: "cdktn", version: "0.24.0" });
put("cdktn", { name: "cdktn", version: "0.24.0" });
put("constructs", { name: "constructs", version: "10.7.2" });
put("@cdktf/provider-helm", { name: "@cdktf/provider-helm", version: "12.1.2",
  cdktf: { provider: { name: "registry.terraform.io/hashicorp/helm", version: "3.1.1" } } });
`;
  const runs = () => (existsSync(join(folder, "runs")) ? readFileSync(join(folder, "runs"), "utf8").length : 0);
  const install = (wanted = manifest) => installTrial(trial, wanted, () => undefined);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "successor-"));
    trial = join(folder, "trial");
    process.env["PATH"] = `${folder}:${path ?? ""}`;
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });

  test("is made once, and the library has one module for both of its names", async () => {
    npm(installs);
    await install();
    await install();
    expect(runs()).toBe(1);
    expect(realpathSync(join(trial, "node_modules/cdktn"))).toBe(realpathSync(join(trial, "node_modules/cdktf")));
    expect(lstatSync(join(trial, "node_modules/cdktn")).isSymbolicLink()).toBe(true);
    expect(installedPackage(trial, "cdktf")).toEqual({ name: "cdktn", version: "0.24.0" });
    expect(installedPackage(trial, "@cdktf/provider-helm").provider).toEqual({
      source: "registry.terraform.io/hashicorp/helm",
      version: "3.1.1",
    });
  });

  test("is made again when other packages are wanted, or one is gone", async () => {
    npm(installs);
    await install();
    await install({ ...manifest, dependencies: { ...manifest.dependencies, cdktf: "npm:cdktn@0.24.1" } });
    expect(runs()).toBe(2);
    await install();
    rmSync(join(trial, "node_modules/constructs"), { recursive: true });
    await install();
    expect(runs()).toBe(4);
  });

  test("is not there after a failure, which is told apart from a registry out of reach", async () => {
    npm(`${installs}console.error("npm error code ENOTFOUND"); process.exitCode = 1;`);
    await expect(install()).rejects.toThrow(/npm does not reach its registry \(ENOTFOUND\)/);
    npm(`${installs}console.error("npm error code E404"); process.exitCode = 1;`);
    await expect(install()).rejects.toThrow(/^npm install ended with 1/);
    expect(existsSync(trial)).toBe(false);
    npm(installs);
    await install();
    expect(existsSync(trial)).toBe(true);
  });
});

describe("a synthesis with the trial's packages", () => {
  const folder = mkdtempSync(join(tmpdir(), "successor-"));
  const trial = join(folder, ".local/trial");

  beforeAll(() => {
    for (const file of ["run.mjs", "node-version.mjs", "successor/synthesize.mjs"]) {
      cpSync(join(root, "tools", file), join(folder, "tools", file));
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "main.ts"), 'import { App } from "cdktf";\nconsole.log(App);\n');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    rmSync(trial, { recursive: true, force: true });
    mkdirSync(trial, { recursive: true });
  });
  const library = (name: string, program: string) => {
    mkdirSync(join(trial, "node_modules", name), { recursive: true });
    writeFileSync(join(trial, "node_modules", name, "index.js"), program);
  };
  const synthesize = () =>
    spawnSync(process.execPath, ["tools/successor/synthesize.mjs", trial], { cwd: folder, encoding: "utf8" });

  test("uses them in place of the project's", () => {
    library("cdktf", 'exports.App = "the trial\'s";');
    expect(synthesize()).toMatchObject({ status: 0, stdout: "the trial's\n", stderr: "" });
  });

  test("fails when one is the project's", () => {
    expect(synthesize()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^(cdktf|constructs) was loaded from .*: not the trial's/) as string,
    });
  });

  test("fails when the library is there twice", () => {
    library("cdktn", 'exports.App = "another";');
    library("cdktf", 'exports.App = require("cdktn").App;');
    expect(synthesize()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("cdktn was loaded from") as string,
    });
  });
});
