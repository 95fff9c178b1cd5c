import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networkLimits } from "../../app/packages/contract/network-limits";
import { readConfig } from "../../app/packages/kit/config/read";
import { databaseSection } from "../../app/packages/kit/config/sections";
import { feedTimeoutMs } from "../../app/services/market-data/store/feed-pool";
import { projectRoot } from "../../lib/paths";

const { database, broker } = networkLimits;
const defaults = readConfig(
  { database: databaseSection },
  { DB_HOST: "a", DB_USERNAME: "b", DB_PASSWORD: "c" },
).database;

/** Node probes each second, ten times. */
const probesMs = 10_000;

/** The times of each client, in the order in which the page tells them. */
const limits: Readonly<Record<string, readonly number[]>> = {
  "database: a connection": [database.connectMs, defaults.connectTimeoutMs],
  "database: a statement": [defaults.statementTimeoutMs, database.answerMarginMs],
  "database: the feed's statements": [feedTimeoutMs, database.answerMarginMs],
  "database: an idle connection": [database.keepAliveDelayMs + probesMs, database.keepAliveDelayMs],
  "database: readiness": [database.pingMs],
  "database: a listener": [database.listenerPingMs + database.connectMs, database.listenerPingMs, database.connectMs],
  "database: a command's statement": [database.longStatementLookMs, database.goodbyeMs],
  "AlgoLab: a call": [broker.answerMs, broker.proxyMs],
  "AlgoLab: the order socket": [broker.socketSilenceMs, broker.handshakeMs],
  "the issuer's keys": [networkLimits.issuerKeys.answerMs],
  AWS: [networkLimits.aws.connectionTimeout, networkLimits.aws.socketTimeout],
  "a dump that is restored": [networkLimits.dumpDownload.answerMs],
  "Kubernetes, GitHub, services": [
    networkLimits.kubernetes.answerMs,
    networkLimits.github.answerMs,
    networkLimits.services.answerMs,
  ],
};

/** Rows whose times are no constants of the code: a page of their own, a variable, a program's. */
const elsewhere = ["`pg_dump`, `pg_restore`", "AlgoLab: the feed", "Redis"];

const [, section = ""] = /\n## A host that vanishes([^]*?)\n## /.exec(
  readFileSync(join(projectRoot, "docs/dependencies-away.md"), "utf8"),
) ?? [undefined, ""];
const rows = Object.fromEntries(
  section
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (client|---)/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, client = "", , after = ""]) => [client, after]),
);

test("the page tells of every client", () => {
  expect(Object.keys(rows).sort()).toEqual([...Object.keys(limits), ...elsewhere].sort());
});

test.each(Object.entries(limits))("%s gives up after what the page says", (client, expected) => {
  const told = [...(rows[client] ?? "").matchAll(/(\d+) s\b/g)].map(([, seconds]) => Number(seconds) * 1_000);
  expect(told).toEqual(expected);
});
