/** A folder of the project, or files of one. */
export interface Room {
  /** Where it is, as patterns below the project's root. @default everything below the folder that it is named for */
  readonly files?: string | readonly string[];
  readonly holds: string;
  /** Rooms that its files may import, beside their own and packages of npm. */
  readonly imports: readonly string[];
}

/** What the rooms of a service import of one another: the domain at the bottom, what wires them at the top. */
const services: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "broker-integration": {
    domain: [],
    store: ["domain"],
    events: ["domain", "store"],
    execution: ["domain", "store"],
    application: ["domain", "store"],
    socket: ["domain", "store", "routes"],
    routes: ["domain", "store", "application"],
    commands: ["domain", "application"],
  },
  "market-data": {
    domain: [],
    store: ["domain"],
    feed: ["domain"],
    leader: ["domain", "store", "feed"],
    stream: ["domain", "store"],
    routes: ["domain", "store"],
    socket: ["domain", "routes"],
  },
  "user-management": {
    domain: [],
    crypto: ["domain"],
    store: ["domain"],
    application: ["domain", "crypto", "store"],
    routes: ["domain", "application"],
  },
};

/** What is pure may know the exchange and the contract, and nothing that reaches a network or a database. */
const packagesOfDomains = ["app/packages/contract", "app/packages/bist", "app/packages/kit/backoff"];
const packages = [
  "app/packages/contract",
  "app/packages/bist",
  "app/packages/kit/backoff",
  "app/packages/kit",
  "app/packages/algolab",
];

function serviceRooms(service: string, inner: Readonly<Record<string, readonly string[]>>): Record<string, Room> {
  const folder = `app/services/${service}`;
  const inside = Object.entries(inner).map(([name, imports]): [string, Room] => [
    `${folder}/${name}`,
    {
      holds: HOLDS[name] ?? "",
      imports: [...(name === "domain" ? packagesOfDomains : packages), ...imports.map((room) => `${folder}/${room}`)],
    },
  ]);
  const wiring: Room = {
    files: `${folder}/*.ts`,
    holds: "settings, and what wires the rooms, starts and drains",
    imports: [...packages, ...inside.map(([name]) => name)],
  };
  return { ...Object.fromEntries(inside), [folder]: wiring };
}

/** What a room of a service holds, by its name. */
const HOLDS: Readonly<Record<string, string>> = {
  domain: "types and rules: no SQL, no network, no timer",
  store: "SQL, one file an aggregate",
  application: "use cases: one file each",
  crypto: "passwords, keys, tokens, sealed personal data",
  execution: "the workers that carry out orders at the broker",
  events: "the outbox and its relay",
  feed: "the broker's feed, read and checked",
  leader: "the one instance that writes ticks and candles",
  stream: "committed ticks on their way to every instance",
  socket: "WebSocket: subscriptions and their clients",
  routes: "HTTP: schema in, view out, no rules",
  commands: "what operators run in the image: arguments in, JSON out, no rules",
};

const project: Readonly<Record<string, Room>> = {
  "main.ts": {
    files: "main.ts",
    holds: "the environments to synthesize, and the synthesis",
    imports: ["stacks", "policy", "config"],
  },
  lib: {
    holds: "what every command needs: paths, processes, ports, finding and running Terraform",
    imports: ["config"],
  },
  config: {
    holds: "what differs between environments: a schema and one file each; how things are called in AWS and Kubernetes",
    imports: ["app/packages/contract"],
  },
  stacks: {
    holds: "one file per Terraform state, named for what it holds: _which_ building blocks, with _what_ values",
    imports: ["constructs/aws", "constructs/kubernetes", "constructs/support", "config", "app/packages/contract"],
  },
  "constructs/aws": {
    holds: "building blocks in AWS, one folder per concern: _how_",
    imports: ["constructs/support", "config", "app/packages/contract", "lib"],
  },
  "constructs/kubernetes": {
    holds: "building blocks in the cluster, one folder per concern: _how_",
    imports: ["constructs/aws", "constructs/support", "config", "app/packages/contract", "lib"],
  },
  "constructs/support": {
    holds: "what constructs check, protect and name alike",
    imports: [],
  },
  policy: {
    holds: "security rules that every synthesis must pass, in five files by subject",
    imports: ["constructs/support"],
  },
  "app/packages/contract": {
    holds: "what the application and its platform agree on: ports, metrics, names of database users",
    imports: [],
  },
  "app/packages/bist": {
    holds: "the exchange: calendar, instruments, prices, tick sizes, lots",
    imports: ["app/packages/contract"],
  },
  "app/packages/kit/backoff": {
    files: "app/packages/kit/backoff.ts",
    holds: "how long to wait after failures: pure, for services and the page alike",
    imports: [],
  },
  "app/packages/kit": {
    files: ["app/packages/kit/!(backoff).ts", "app/packages/kit/*/**"],
    holds: "what services are made of: configuration, database, HTTP, sockets, observability",
    imports: ["app/packages/contract", "app/packages/kit/backoff"],
  },
  "app/packages/algolab": {
    holds: "the broker's protocol, as a client speaks it",
    imports: ["app/packages/contract", "app/packages/bist", "app/packages/kit", "app/packages/kit/backoff"],
  },
  "app/packages/simulator": {
    holds: "a broker that speaks the protocol over a market of its own",
    imports: ["app/packages/algolab", "app/packages/bist"],
  },
  "app/packages/embedded": {
    holds: "PostgreSQL from npm, for a laptop and for tests",
    imports: [],
  },
  "app/database": {
    holds: "migrations, roles, partitions, dumps",
    imports: ["app/packages/contract", "app/packages/kit", "app/packages/kit/backoff"],
  },
  ...Object.fromEntries(Object.entries(services).flatMap(([name, inner]) => Object.entries(serviceRooms(name, inner)))),
  app: {
    files: "app/*.mjs",
    holds: "how the application is built",
    imports: [],
  },
  "app/web": {
    holds: "the trader's page",
    imports: ["app/packages/kit/backoff"],
  },
  "local/app/{settings,secrets}": {
    files: "local/app/{settings,secrets}.ts",
    holds: "ports, database and secrets of the application on one machine, which `ops` finds it by",
    imports: ["lib", "app/packages/contract"],
  },
  local: {
    files: ["local/*.*", "local/!(app)/**", "local/app/!(settings|secrets).*"],
    holds: "the platform on one machine: AWS emulator, Kubernetes, application",
    imports: [
      "local/app/{settings,secrets}",
      "lib",
      "config",
      "app/packages/algolab",
      "app/packages/contract",
      "app/packages/embedded",
      "app/packages/kit",
    ],
  },
  ops: {
    holds: "the operator's tool, and the pipeline's steps",
    imports: ["local/app/{settings,secrets}", "lib", "config", "app/packages/contract"],
  },
  tools: {
    holds: "synthesis, tests, images, benches",
    imports: [
      "ops",
      "local",
      "local/app/{settings,secrets}",
      "policy",
      "constructs/aws",
      "constructs/kubernetes",
      "lib",
      "config",
      "app/database",
      "app/packages/contract",
      "app/packages/embedded",
      "app/packages/kit",
      "app/packages/kit/backoff",
      "app/services/market-data/domain",
      "app/services/market-data/store",
      "app/services/user-management/crypto",
    ],
  },
};

/**
 * The architecture: every room of the project, and what each may import. The lint rule, its test and the table of
 * docs/architecture.md are made from this one; the folder of a file decides, and the first room that has it counts.
 */
export const rooms: Readonly<Record<string, Room>> = {
  ...project,
  test: { holds: "suites by what they need, and below that as the code is", imports: Object.keys(project) },
  "*.{mjs,cjs}": { files: "*.{mjs,cjs}", holds: "configuration of eslint and jest", imports: ["tools"] },
};
