import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { services, serviceKeys } from "../../../app/packages/contract/services";
import { databaseUsers } from "../../../app/packages/contract/database";
import { environment } from "../../../config";
import { wantedParts } from "../../../local/parts";
import { program as pipeline } from "../../../ops/pipeline/program";
import { suites } from "../../../tools/test/suites";
import type { Declared } from "./declared";
import { problemsOfMention, problemsOfOps } from "./operator";
import type { PageCommand } from "./page-commands";
import { root, textOf, texts } from "./texts";

type Problems = readonly string[];
type Check = (command: PageCommand, declared: Declared) => Problems | Promise<Problems>;

const { scripts } = JSON.parse(textOf("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
const { projects } = jest.requireActual<{ readonly projects: readonly { readonly displayName: string }[] }>(
  "../../../jest.config.cjs",
);
const production = environment("production");

const isIn = (known: Iterable<string>, what: string) => {
  const all = new Set(known);
  return (word: string) => (all.has(word) ? [] : [`there is no ${what} ${word}`]);
};
const exists = (path: string) => (globSync(path, { cwd: root }).length > 0 ? [] : [`there is no ${path}`]);

/** Words behind a `--` of their own. */
function behindDashes(words: readonly string[]): readonly string[] {
  const at = words.indexOf("--");
  return at === -1 ? [] : words.slice(at + 1);
}

/** The values of options that are written with a space or with `=`. */
function valuesOf(words: readonly string[], ...options: readonly string[]): readonly string[] {
  return words.flatMap((word, index) =>
    options.flatMap((option) => {
      if (word === option) return [words[index + 1] ?? ""];
      return word.startsWith(`${option}=`) ? [word.slice(option.length + 1)] : [];
    }),
  );
}

/** Words that are neither options nor the values of those that take one. */
function operandsOf(words: readonly string[], taking: readonly string[]): readonly string[] {
  return words.filter((word, index) => !word.startsWith("-") && !taking.includes(words[index - 1] ?? ""));
}

// npm -----------------------------------------------------------------------------------------------------------------

/** How the scripts that read their arguments themselves take them. */
const scriptArguments: Readonly<
  Record<string, (args: readonly string[], mentioned: boolean) => Problems | Promise<Problems>>
> = {
  ops: problemsOfOps,
  pipeline: problemsOfPipeline,
  start: (args) => {
    try {
      return wantedParts(args).length > 0 ? [] : ["no part is left"];
    } catch (error) {
      return [(error as Error).message];
    }
  },
  stop: (args) => args.flatMap(isIn(["--erase"], "option of npm stop")),
  test: (args) =>
    args.flatMap(
      isIn(
        suites.map(({ name }) => name),
        "suite",
      ),
    ),
  bootstrap: (args) => options(args, ["--env", "--dry-run", "--yes"]),
  image: (args) => options(args, ["--env", "--image", "--platforms"]),
  "kubernetes:build": (args) => options(args, ["--pods"]),
  "bench:app": (args) => options(args, ["--runs", "--soak", "--ticks", "--profile"]),
};

function options(args: readonly string[], known: readonly string[]): Problems {
  const unknown = args.filter((word) => word.startsWith("-")).flatMap(isIn(known, "option"));
  return [...unknown, ...valuesOf(args, "--env").flatMap(isIn(["production", "staging", "local"], "environment"))];
}

function problemsOfPipeline([name = "", ...args]: readonly string[]): Problems {
  if (name === "--help") return [];
  const command = pipeline.commands.find((one) => one.name() === name);
  if (command === undefined) return [`there is no npm run pipeline -- ${name}`];
  command.exitOverride((error) => {
    throw error;
  });
  try {
    const { operands, unknown } = command.configureOutput({ writeErr: () => undefined }).parseOptions([...args]);
    const given = new Set(args.filter((word) => word.startsWith("--")));
    const missing = command.options.filter(({ mandatory, long }) => mandatory && !given.has(long ?? ""));
    return [...unknown, ...operands].length + missing.length === 0 || args.includes("…")
      ? []
      : [`pipeline ${name}: ${[...unknown, ...operands, ...missing.map(({ flags }) => flags)].join(" ")}`];
  } catch (error) {
    return [(error as Error).message];
  }
}

const npm: Check = ({ words: [, ...words], mentioned }) => {
  const [verb = "", ...more] = words.filter((word) => word !== "--silent");
  const script = verb === "run" ? (more[0] ?? "") : verb;
  if (verb === "ci" || verb === "run-script") return [];
  const args = behindDashes(words);
  return scripts[script] === undefined && verb !== "stop" && verb !== "start" && verb !== "test"
    ? [`there is no script ${script}`]
    : args.length === 0 && script !== "ops"
      ? []
      : (scriptArguments[script] ?? ((unread) => unread.flatMap(placed)))(args, mentioned);
};
/** Arguments of other scripts: files that there are, or placeholders' values. */
const placed = (word: string): Problems => (word.includes("/") ? exists(word) : []);

// npx, cdktf, terraform -----------------------------------------------------------------------------------------------

const cdktf = ([verb = "", ...words]: readonly string[], { stacks }: Declared): Problems => [
  ...isIn(["synth", "list", "diff", "deploy", "destroy"], "command of cdktf")(verb),
  ...words.filter((word) => word.startsWith("-")).flatMap(isIn(["--skip-provider-lock"], "option of cdktf")),
  ...words.filter((word) => !word.startsWith("-")).flatMap(isIn(stacks, "stack")),
];

const npx: Check = ({ words: [, program = "", ...words] }, known) => {
  if (program === "cdktf") return cdktf(words, known);
  if (program !== "jest") return [`nobody knows how npx ${program} is used`];
  const selected = operandsOf(words, ["--testPathPatterns"]);
  const paths = selected.filter((word) => word.includes("/"));
  return [
    ...(words.includes("--selectProjects")
      ? selected
          .filter((word) => !word.includes("/"))
          .flatMap(
            isIn(
              projects.map(({ displayName }) => displayName),
              "project",
            ),
          )
      : []),
    ...paths.flatMap(exists),
  ];
};

const stackOf = (folder: string) => /cdktf\.out\/stacks\/([\w-]+)/.exec(folder)?.[1];

const terraform: Check = ({ words: [, ...words] }, { stacks, addresses }) => {
  const verbs = ["init", "plan", "apply", "show", "import", "state", "destroy", "output"];
  const [verb = "", second = "", third = ""] = words.filter((word) => !word.startsWith("-"));
  const address = verb === "import" ? second : verb === "state" && second === "rm" ? third : undefined;
  return [
    ...isIn(verbs, "command of terraform")(verb),
    ...valuesOf(words, "-chdir").flatMap((folder) => isIn(stacks, "stack")(stackOf(folder) ?? folder)),
    ...(address === undefined || address === "" ? [] : isIn(addresses, "resource")(address)),
  ];
};

const cd: Check = ({ words: [, folder = ""] }, { stacks }) => {
  const stack = stackOf(folder);
  if (stack !== undefined) return isIn(stacks, "stack")(stack);
  return folder === "-" ? [] : exists(folder);
};

// kubectl -------------------------------------------------------------------------------------------------------------

/** Kinds by every word that kubectl takes for them. */
const kinds: Readonly<Record<string, string>> = {
  pod: "pod",
  node: "node",
  event: "event",
  deployment: "deployment",
  deploy: "deployment",
  job: "job",
  cronjob: "cronjob",
  service: "service",
  svc: "service",
  secret: "secret",
  configmap: "configmap",
  externalsecret: "externalsecret",
  targetgroupbinding: "targetgroupbinding",
  certificate: "certificate",
  certificaterequest: "certificaterequest",
  order: "order",
  challenge: "challenge",
  cluster: "cluster",
  backup: "backup",
  scheduledbackup: "scheduledbackup",
};
/** What a controller makes has no name in a stack. */
const namedByControllers = new Set([
  "pod",
  "node",
  "event",
  "secret",
  "certificaterequest",
  "order",
  "challenge",
  "backup",
]);
const kindOf = (word: string) => kinds[word] ?? kinds[word.replace(/s$/, "")];

/** Options of kubectl that take a value. */
const taking = ["-n", "--namespace", "-l", "--selector", "-o", "--context", "--kubeconfig", "--field-selector"];

const kubectl: Check = ({ words: [, ...all] }, declared) => {
  const inPod = behindDashes(all);
  const words = inPod.length === 0 ? all : all.slice(0, all.indexOf("--"));
  const [namespace] = valuesOf(words, "-n", "--namespace");
  const [verb = "", ...operands] = operandsOf(words, taking);
  const object = (kind: string, name: string): Problems => {
    if (namedByControllers.has(kind) || name.startsWith("any-")) return [];
    const found = declared.objects.some(
      (one) => one.kind === kind && one.name.test(name) && (namespace === undefined || one.namespace === namespace),
    );
    return found ? [] : [`there is no ${kind} ${name} in ${namespace ?? "any namespace"}`];
  };
  const slashed = [...operands, ...valuesOf(words, "--from")]
    .filter((word) => word.includes("/"))
    .map((word) => word.split("/") as [string, string]);
  const [first = "", ...names] = operands.filter((word) => !word.includes("/"));
  const wantsKind = ["get", "describe", "delete", "top"].includes(verb) && slashed.length === 0;
  const named = wantsKind ? first.split(",").map((word) => [word, kindOf(word)] as const) : [];
  return [
    ...isIn(["get", "describe", "delete", "top", "logs", "exec", "port-forward", "create"], "command of kubectl")(verb),
    ...(namespace === undefined || namespace === "bist-trading-local"
      ? []
      : isIn(declared.namespaces, "namespace")(namespace)),
    ...[...named, ...slashed.map(([word]) => [word, kindOf(word)] as const)]
      .filter(([, kind]) => kind === undefined)
      .map(([word]) => `nobody knows the kind ${word}`),
    ...slashed.flatMap(([word, name]) => object(kindOf(word) ?? word, name)),
    ...(wantsKind ? names.flatMap((name) => named.flatMap(([word, kind]) => object(kind ?? word, name))) : []),
    ...valuesOf(words, "-l", "--selector").flatMap(isIn(declared.labels, "label")),
    ...programInPod(inPod),
  ];
};

/** The image's programs are the application's entry points, as app/build.mjs names them. */
function programInPod([node, script = ""]: readonly string[]): Problems {
  if (node === undefined) return [];
  const entries = texts.flatMap((path) => {
    const [, command, service] =
      /^app\/(?:(?:database|services\/[\w-]+)\/commands\/([\w-]+)\.ts|services\/([\w-]+)\/main\.ts)$/.exec(path) ?? [];
    return [command, service].flatMap((name) => (name === undefined ? [] : [`${name}.js`]));
  });
  return [...isIn(["/nodejs/bin/node"], "program of the image")(node), ...isIn(entries, "entry point")(script)];
}

// aws, gh, psql, grep -------------------------------------------------------------------------------------------------

/** Operations of services whose client is not among the project's packages, and those that only the CLI has. */
const furtherOperations: Readonly<Record<string, readonly string[]>> = {
  route53: ["list-hosted-zones-by-name", "get-hosted-zone"],
  eks: ["get-token"],
  "service-quotas": ["get-service-quota"],
};
/** Services that the CLI names otherwise than the SDK. */
const clients: Readonly<Record<string, string>> = {
  secretsmanager: "secrets-manager",
  elbv2: "elastic-load-balancing-v2",
};
const namingOptions = ["--secret-id", "--db-instance-identifier", "--dns-name"];

const aws: Check = ({ words: [, ...words] }, { mentions }) => {
  const [service = "", operation = ""] = operandsOf(words, ["--endpoint-url", "--region", "--profile"]);
  const client = join(root, "node_modules/@aws-sdk", `client-${clients[service] ?? service}`);
  const sdk = existsSync(client)
    ? Object.keys(jest.requireActual<object>(client)).map((name) => name.toLowerCase())
    : [];
  return [
    ...(sdk.includes(`${operation.replaceAll("-", "")}command`) || furtherOperations[service]?.includes(operation)
      ? []
      : [`nobody knows aws ${service} ${operation}`]),
    ...valuesOf(words, ...namingOptions)
      .filter((name) => !mentions(name))
      .map((name) => `no stack declares ${name}`),
  ];
};

interface Workflow {
  readonly on: { readonly workflow_dispatch?: { readonly inputs?: Readonly<Record<string, unknown>> } };
}

const gh: Check = ({ words: [, ...words] }) => {
  if (words[0] === "api") return [];
  if (words[0] !== "workflow" || words[1] !== "run") return [`nobody knows how ${words.join(" ")} is used`];
  const path = `.github/workflows/${words[2] ?? ""}`;
  if (!existsSync(join(root, path))) return [`there is no ${path}`];
  const inputs = (parse(readFileSync(join(root, path), "utf8")) as Workflow).on.workflow_dispatch?.inputs ?? {};
  return valuesOf(words, "-f").flatMap((input) =>
    isIn(Object.keys(inputs), `input of ${path}`)(input.split("=")[0] ?? ""),
  );
};

const psql: Check = ({ words: [, connection = ""] }) => {
  const given = Object.fromEntries(connection.split(" ").map((part) => part.split("=") as [string, string]));
  const roles = [production.database.masterUsername, ...Object.values(databaseUsers)];
  return [
    ...isIn([production.database.name], "database")(given["dbname"] ?? ""),
    ...isIn(roles, "role")(given["user"] ?? ""),
  ];
};

/** What is looked for in a service's log is what the service says. */
const grep: Check = ({ words, from }) => {
  const [, service] = /-l app=([\w-]+)-service/.exec(from?.words.join(" ") ?? "") ?? [];
  if (from?.words[0] !== "kubectl" || service === undefined) return [];
  const wanted = operandsOf(words.slice(1), []).join(" ");
  const known = serviceKeys.some((key) => services[key].name === service);
  const said = texts.some((path) => path.startsWith(`app/services/${service}/`) && textOf(path).includes(wanted));
  return known && said ? [] : [`${service} never logs ${wanted}`];
};

/** Programs of the machine, whose use nothing here can hold. */
const free: Check = () => [];

const programs: Readonly<Record<string, Check>> = {
  npm,
  npx,
  cdktf: ({ words: [, ...words] }, known) => cdktf(words, known),
  terraform,
  cd,
  kubectl,
  aws,
  gh,
  psql,
  grep,
  ops: ({ words: [, ...words] }) => problemsOfMention(words),
  ...Object.fromEntries(
    ["apt-get", "brew", "curl", "dig", "echo", "head", "helm", "jq", "mktemp", "node", "rm", "sleep"].map((name) => [
      name,
      free,
    ]),
  ),
};

/** Members of a request's JSON that are secrets, and variables of a shell that are named for one. */
const secretMember = /"(?:apiKey|code|password|refreshToken)"\s*:/;
const secretVariable = /\$\{?\w*(?:auth|password|secret|token)\b/i;

/** A secret as an argument, which every user of the machine can read; what the shell itself writes is none. */
function secretArguments(words: readonly string[]): Problems {
  if (words[0] === "echo") return [];
  return words
    .filter(
      (word, index) =>
        /^[a-z]+:\/\/[^/@\s]*:[^/@\s]*@/.test(word) ||
        /^Authorization:/i.test(word) ||
        secretMember.test(word) ||
        secretVariable.test(word) ||
        (words[0] === "curl" && ["-u", "--user", "-U", "--proxy-user"].includes(words[index - 1] ?? "")) ||
        (words[index - 1] === "--secret-string" && !word.startsWith("file://")),
    )
    .map((word) => `${word} is a secret as an argument; let the program read it`);
}

/** What is wrong with a command of a page. */
export async function problemsOf(command: PageCommand, declared: Declared): Promise<Problems> {
  const [program = ""] = command.words;
  if (program === "") return [];
  const check = program.startsWith(".local/") ? free : programs[program];
  const found = check === undefined ? [`nobody knows the program ${program}`] : await check(command, declared);
  const files = command.words.filter((word) =>
    /^(?:app|config|constructs|local|ops|policy|stacks|test|tools)\/[\w./-]+$/.test(word),
  );
  const unknown = command.line.match(/<[A-Za-z][A-Za-z ]*>/g) ?? [];
  return [
    ...found,
    ...secretArguments(command.words),
    ...files.flatMap(exists),
    ...unknown.map((name) => `nobody knows what ${name} stands for`),
  ].map((problem) => `${command.line}: ${problem}`);
}
