import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../lib/paths";
import { program } from "../../../ops/pipeline/program";
import { describeWhere } from "../../support/skip";
import { jobs, runLines, texts, workflows } from "./workflows";
import type { Access } from "./workflows";

const { scripts } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

describe("a workflow", () => {
  test("is one of those that docs/delivery.md tells of", () => {
    const page = readFileSync(join(projectRoot, "docs/delivery.md"), "utf8");
    const files = workflows.map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(["checks.yml", "deploy.yml", "diff.yml", "drift.yml", "release.yml"]));
    expect(files.filter((file) => !page.includes(`\`${file}\``))).toEqual([]);
  });

  test("uses actions at a commit, with the version beside it, or its own", () => {
    const used = texts.flatMap(({ file, text }) =>
      [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action = ""]) => `${file} ${action}`),
    );
    expect(used.length).toBeGreaterThan(30);
    expect(
      used.filter((line) => !/ (\.\/\.github\/\S+|[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(line)),
    ).toEqual([]);
    // One version of each.
    const versions = new Map(used.map((line) => [line.split(" ")[1]?.split("@")[0] ?? "", new Set<string>()]));
    for (const line of used) versions.get(line.split(" ")[1]?.split("@")[0] ?? "")?.add(line.slice(line.indexOf(" ")));
    expect([...versions].filter(([action, found]) => !action.startsWith("./") && found.size > 1)).toEqual([]);
  });

  test("never runs a stranger's code with rights, and puts no expression into a shell", () => {
    for (const { file, on, text } of workflows) {
      expect([
        file,
        Object.keys(on).filter((event) => /pull_request_target|workflow_run|issue_comment/.test(event)),
      ]).toEqual([file, []]);
      expect([file, /secrets\s*[.:[]|aws-(access|secret)|AKIA/.test(text.replace(/^\s*secrets:$/m, ""))]).toEqual([
        file,
        false,
      ]);
    }
    expect(runLines.filter(([line]) => line.includes("${{"))).toEqual([]);
  });
});

describe("a job", () => {
  test("has no more rights than it needs", () => {
    expect(workflows.map(({ file, permissions }) => [file, permissions])).toEqual(
      workflows.map(({ file }) => [file, {}]),
    );
    const rights = Object.fromEntries(jobs.map(([name, { permissions = {} }]) => [name, written(permissions)]));
    expect(rights).toEqual({
      "checks.yml tests": "contents:read",
      "checks.yml dependencies": "contents:read",
      "checks.yml secrets": "contents:read",
      "checks.yml workflows": "contents:read",
      "deploy.yml staging": "contents:read id-token:write pull-requests:read",
      "deploy.yml production": "contents:read id-token:write pull-requests:read",
      "deploy-environment.yml plan": "contents:read id-token:write pull-requests:read",
      "deploy-environment.yml apply": "contents:read id-token:write",
      "diff.yml synth": "contents:read",
      "diff.yml plan": "contents:read id-token:write",
      "diff.yml comment": "contents:read pull-requests:write",
      "drift.yml plan": "contents:read id-token:write",
      "drift.yml issue": "contents:read issues:write",
      "release.yml source": "contents:read",
      "release.yml checks": "contents:read",
      "release.yml image": "contents:read",
      "release.yml staging": "contents:read id-token:write",
      "release.yml production": "contents:read id-token:write",
      "release-environment.yml release": "contents:read id-token:write",
    });
  });

  test("that calls a workflow gives it the rights that its jobs ask for", () => {
    const calls = jobs.filter(([, { uses }]) => uses !== undefined);
    expect(calls.length).toBeGreaterThan(3);
    for (const [name, { uses = "", permissions = {} }] of calls) {
      const called = workflows.find(({ file }) => uses === `./.github/workflows/${file}`);
      const asked = Object.values(called?.jobs ?? {}).flatMap((job) => Object.entries(job.permissions ?? {}));
      expect(asked.length).toBeGreaterThan(0);
      expect([name, asked.filter(([right, access]) => access === "write" && permissions[right] !== "write")]).toEqual([
        name,
        [],
      ]);
      expect([name, asked.filter(([right]) => permissions[right] === undefined)]).toEqual([name, []]);
    }
  });

  test("ends, and leaves no token of its own behind", () => {
    for (const [name, { uses, steps = [], "timeout-minutes": minutes }] of jobs.filter(
      ([, job]) => job.uses === undefined,
    )) {
      expect([name, uses, minutes !== undefined]).toEqual([name, undefined, true]);
      const checkouts = steps.filter((step) => step.uses?.startsWith("actions/checkout@"));
      expect([name, checkouts.map((step) => step.with?.["persist-credentials"])]).toEqual([
        name,
        checkouts.map(() => false),
      ]);
    }
  });

  test("takes the deploy role only inside a GitHub environment, one at a time and never cut off", () => {
    const deploying = jobs.filter(([, job]) => JSON.stringify(job.steps ?? []).includes("deploy-role"));
    expect(deploying.map(([name]) => name).sort()).toEqual([
      "deploy-environment.yml apply",
      "release-environment.yml release",
    ]);
    for (const [, { environment, concurrency }] of deploying) {
      expect(environment).toBe("${{ inputs.environment }}");
      expect(concurrency).toEqual({ group: "apply-${{ inputs.environment }}", "cancel-in-progress": false });
    }
    const others = jobs.filter(([name]) => !deploying.some(([other]) => other === name));
    expect(others.filter(([, job]) => job.environment !== undefined).map(([name]) => name)).toEqual([]);
  });

  test("fetches no artifact that nobody made", () => {
    const names = (action: string) =>
      jobs.flatMap(([, { steps = [] }]) =>
        steps
          .filter(({ uses }) => uses?.startsWith(`actions/${action}@`))
          .map((step) => String(step.with?.["name"]).replace(/(staging|production|\$\{\{.*\}\})$/, "*")),
      );
    const made = new Set(names("upload-artifact"));
    expect(names("download-artifact").filter((name) => !made.has(name))).toEqual([]);
    expect([...made].sort()).toEqual(["image", "plans-*", "sealed-*", "stacks"]);
  });
});

describe("a step", () => {
  /** `npm run --silent pipeline -- plan --env X` as its script and arguments. */
  const npmRuns = runLines.flatMap(([line, job]) =>
    [...line.matchAll(/npm run (?:--silent )?([\w:-]+)(?: -- ([^)>]*))?/g)].map(([, script = "", args = ""]) => ({
      script,
      args: args.trim().split(/\s+/).filter(Boolean),
      job,
    })),
  );

  test("is a script of the project or one of its commands", () => {
    const own = /^(\w+="[^"]*" )?npm (run|ci)\b|^sudo env "PATH=\$PATH" bash \.ci\/run$|^echo "\w+=\$/;
    const others = runLines.filter(([line]) => !own.test(line.replace(/^image=\$\(/, ""))).map(([line]) => line);
    expect(others).toEqual(['GOBIN="$PWD/.cache/bin" go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12']);
    expect(existsSync(join(projectRoot, ".ci/run"))).toBe(true);
  });

  test("calls scripts that package.json has", () => {
    expect(npmRuns.length).toBeGreaterThan(20);
    expect(npmRuns.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  test("gives the pipeline's commands arguments that they take, and all that they need", () => {
    const calls = npmRuns.filter(({ script }) => script === "pipeline");
    expect(new Set(calls.map(({ args: [name] }) => name)).size).toBeGreaterThan(8);
    for (const { args, job } of calls) {
      const command = program.commands.find((candidate) => candidate.name() === args[0]);
      expect([job, args[0], command !== undefined]).toEqual([job, args[0], true]);
      const given = args.filter((arg) => arg.startsWith("--"));
      const options = command?.options ?? [];
      const unknown = given.filter((option) => !options.some(({ long }) => long === option));
      const missing = options.filter(({ mandatory, long }) => mandatory && !given.includes(long ?? ""));
      expect([job, args[0], unknown, missing.map(({ long }) => long)]).toEqual([job, args[0], [], []]);
    }
  });

  test("gives the operator's commands arguments that they take", () => {
    const calls = npmRuns.filter(({ script }) => script === "ops");
    const commands = new Set(calls.map(({ args: [name = ""] }) => name));
    expect([...commands].sort()).toEqual(["health", "release", "rollback", "smoke"]);
    for (const name of commands) {
      const { status, stdout } = spawnSync(process.execPath, ["tools/run.mjs", "ops/main.ts", name, "--help"], {
        cwd: projectRoot,
        encoding: "utf8",
      });
      expect([name, status]).toEqual([name, 0]);
      const given = calls
        .filter(({ args }) => args[0] === name)
        .flatMap(({ args }) => args.filter((arg) => arg.startsWith("--")));
      expect([name, given.filter((option) => !new RegExp(`^\\s+${option}\\b`, "m").test(stdout))]).toEqual([name, []]);
    }
  });
});

const actionlint = spawnSync("actionlint", ["-version"]).error;
const installed = existsSync(join(projectRoot, ".cache/bin/actionlint")) || actionlint === undefined;

describeWhere(installed ? undefined : "actionlint is not installed", "actionlint", () => {
  test("finds no mistake", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["tools/run.mjs", "ops/pipeline/checks/workflows.ts"],
      {
        cwd: projectRoot,
        encoding: "utf8",
      },
    );
    expect([status, stdout + stderr]).toEqual([0, "The workflows have no mistakes that actionlint knows.\n"]);
  });
});

function written(access: Access): string {
  return Object.entries(access)
    .map(([right, level]) => `${right}:${level}`)
    .join(" ");
}
