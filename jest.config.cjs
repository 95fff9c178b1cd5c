/**
 * One project a kind of suite, so that `npx jest --selectProjects unit` runs what needs nothing but npm. `npm test` runs
 * them in this order: the slow ones last.
 */
const swc = {
  "^.+\\.(m?[jt]s)$": [
    "@swc/jest",
    { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
  ],
};
/** Packages that ship ECMAScript modules only. */
const esmOnly = [
  "content-disposition",
  "jose",
  "typebox",
  "@grafana",
  "@kubernetes/client-node",
  "commander",
  "agent-base",
  "socks-proxy-agent",
  "oauth4webapi",
  "openid-client",
  "is-cidr",
  "node-pg-migrate",
  "cidr-regex",
  "ip-regex",
  "kubernetes-models",
  "@kubernetes-models",
  "@secretlint",
  "marked",
];
const project = (displayName, testMatch, { setupFilesAfterEnv = [], ...more } = {}) => ({
  displayName,
  rootDir: __dirname,
  testMatch: testMatch.map((pattern) => `<rootDir>/test/${pattern}`),
  resolver: "<rootDir>/test/support/resolver.cjs",
  transform: swc,
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join("|")})/)`],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.local", "<rootDir>/.cache"],
  cacheDirectory: "<rootDir>/.cache/jest",
  setupFilesAfterEnv: ["<rootDir>/test/support/patience.ts", ...setupFilesAfterEnv],
  ...more,
});
const withServers = { setupFilesAfterEnv: ["<rootDir>/test/app/support/close-left-over.ts"] };
/** One PostgreSQL for the run: an embedded one of production's version, or the one that DATABASE_URL names. */
const withPostgres = {
  globalSetup: "<rootDir>/test/app/support/postgres-setup.ts",
  globalTeardown: "<rootDir>/test/app/support/postgres-teardown.ts",
  ...withServers,
};

/** What leans most on the server: users' rows, orders, ticks, partitions, migrations. */
const leaningOnPostgres = [
  "{database,broker-integration,broker-integration-unknown}.test.ts",
  "market-data/tick-store.test.ts",
  "roles.test.ts",
  "time-series/partitions.test.ts",
  "user-management/sessions.test.ts",
].map((pattern) => `app/services/${pattern}`);

module.exports = {
  projects: [
    project(
      "unit",
      [
        "{lib,config,constructs,stacks,policy,tools,docs}/**/*.test.ts",
        "local/unit/**/*.test.ts",
        "ops/{pipeline,unit}/*.test.ts",
        "support/**/*.test.ts",
      ],
      { setupFiles: ["<rootDir>/test/support/fast-stacks.ts"] },
    ),
    project("app", ["app/unit/**/*.test.ts"], withServers),
    project("services", ["app/services/**/*.test.ts"], withPostgres),
    project("postgres-18", leaningOnPostgres, { ...withPostgres, globals: { postgresVersion: 18 } }),
    project("faults", ["app/faults/**/*.test.ts"], withPostgres),
    project("page", ["app/page/**/*.test.ts"], withServers),
    project("image", ["app/image/**/*.test.ts"], withPostgres),
    project("plan", ["plan/**/*.test.ts", "ops/pipeline/terraform/**/*.test.ts"]),
    project("emulator", ["local/emulator/**/*.test.ts"]),
    project("ops", ["ops/{aws,commands}/**/*.test.ts"], {
      globalSetup: "<rootDir>/test/ops/support/test-environment-setup.ts",
      globalTeardown: "<rootDir>/test/ops/support/test-environment-teardown.ts",
      ...withServers,
    }),
    project("deploy", ["end-to-end/deploy/**/*.test.ts"]),
    // One machine has one node: its suites take turns.
    project("pods", ["local/pods/**/*.test.ts", "end-to-end/pods/**/*.test.ts"]),
    project("cluster", [
      "local/kubernetes/**/*.test.ts",
      "end-to-end/cluster/**/*.test.ts",
      "ops/cluster/**/*.test.ts",
    ]),
  ],
};
