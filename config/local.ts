import type { EnvironmentInput } from "./schema/environment";
import { production } from "./production";

/** Production's own stacks and sizes, on an AWS emulator on this machine. */
export const local = {
  ...production,
  name: "local",
  prefix: "bist-trading-local",
  aws: { ...production.aws, accountId: "000000000000", emulator: "http://127.0.0.1:4566" },
  state: { kind: "local", folder: ".local/state" },
  protectData: { reason: "The emulator's data is disposable and is destroyed by every test run." },
  operators: {
    cidrs: ["127.0.0.1/32"],
    alarmEmails: ["operations@bist-trading.test"],
    alarmEndpoints: [],
    confirmByName: false,
  },
  cluster: {
    ...production.cluster,
    name: "bist-trading-local",
    administratorArns: ["arn:aws:iam::000000000000:role/PlatformAdministrator"],
  },
  database: { ...production.database, identifier: "bist-trading-postgres-local" },
  cache: { ...production.cache, identifier: "bist-trading-redis-local" },
  edge: {
    ...production.edge,
    domain: "bist-trading.test",
    hosts: {
      api: "api.bist-trading.test",
      userManagement: "user-api.bist-trading.test",
      marketData: "market.bist-trading.test",
      brokerIntegration: "trading.bist-trading.test",
      monitor: "monitor.bist-trading.test",
    },
  },
  kubernetes: { access: "kubeconfig", file: ".local/kubernetes/kubeconfig", context: "bist-trading-local" },
  platform: {
    charts: { from: "nowhere", reason: "A machine without the Internet has no charts, and kwok's nodes run nothing." },
    authority: { kind: "own" },
  },
  trading: {
    ...production.trading,
    namespace: "bist-trading-local",
    image: "localhost/bist-trading/app:local",
    // Production's proxy is for production's address and credentials.
    brokerProxy: undefined,
    certificate: { issuer: "bist-trading-local", publiclyTrusted: false },
    plaintextConnections: { reason: "The database and the cache of this machine have no certificates." },
    allowedOrigins: ["https://bist-trading.test"],
  },
  delivery: {
    ...production.delivery,
    github: { ...production.delivery.github, environment: "local" },
  },
} satisfies EnvironmentInput;
