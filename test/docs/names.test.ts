import type { z } from "zod";
import { metrics } from "../../app/packages/contract/metrics";
import { environmentSchema } from "../../config/schema/environment";
import { spansOf } from "./support/markdown";
import { filled } from "./support/placeholders";
import { files, pages, textOf, texts } from "./support/texts";

/** What the project itself says, its pages and the tests of these left out. */
const sources = texts
  .filter((path) => !pages.includes(path) && !path.startsWith("test/docs/"))
  .map(textOf)
  .join("\n");
const wordsOfSources = new Set(sources.match(/\w+/g));

/** Every file and folder of the project, below each folder that it can be named from. */
const places = new Set(
  files.flatMap((path) => {
    const parts = path.split("/");
    return parts.flatMap((_, end) => parts.slice(0, end + 1).map((__, from) => parts.slice(from, end + 1).join("/")));
  }),
);
/** Begin paths below what programs make, and keys in a bucket. */
const madeByPrograms = /^(?:\.local|cdktf\.out|operations|refs|node_modules)\b/;
const looksLikePath = /^(?:[\w.-]+\/)+[\w.-]*$|^[\w-]+\.(?:ts|mjs|cjs|sql|py|md|yml)$/;
const topFolders = new Set(texts.filter((path) => path.includes("/")).map((path) => path.split("/")[0] ?? ""));

/** Names of other people's programs, and of what is no more: with where they come from. */
const foreign: Readonly<Record<string, string>> = {
  AWS_PROFILE: "the AWS CLI's",
  JAVA_OPTS: "the setup guide's",
  null_resource: "the setup guide's",
  pg_replication_slots: "PostgreSQL's",
  pg_stat_archiver: "PostgreSQL's",
  pg_stat_replication: "PostgreSQL's",
  pg_wal: "PostgreSQL's",
  streaming_replica: "CloudNativePG's",
  job_stats: "TimescaleDB's",
  passwords_wo: "an argument that the provider does not have yet",
  emulator_endpoint: "a variable that the changelog says is gone",
  ORDER_SETTLE_DELAY_MS: "a variable that the changelog says is gone",
  ORDER_SETTLE_INTERVAL_MS: "a variable that the changelog says is gone",
  CRASH_AT: "a variable that the changelog says is gone",
  aws_cloudfront_distribution: "a rule's type, which policy.md is made from",
  aws_security_group_rule: "a rule's type, which policy.md is made from",
};

const upperCase = /(?<![\w-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w-])/g;
const snakeCase = /(?<![\w-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w-])/g;
const metric = /^(?!aws_)(\w+_(?:total|seconds|bytes|count|bucket|sum))(?:\{.*\})?$|^(\w+)\{.*\}$/;
const metricNames = new Set(
  Object.values(metrics).flatMap(({ name, type }) =>
    type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

/** The schema of what a setting holds, through all that surrounds it. */
function inside(schema: z.core.$ZodType, key: string): readonly z.core.$ZodType[] {
  const { def } = schema._zod as unknown as {
    readonly def: {
      readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
      readonly options?: readonly z.core.$ZodType[];
      readonly valueType?: z.core.$ZodType;
      readonly innerType?: z.core.$ZodType;
      readonly in?: z.core.$ZodType;
    };
  };
  const { shape, options = [], valueType, innerType, in: input } = def;
  if (shape !== undefined) return shape[key] === undefined ? [] : [shape[key]];
  if (valueType !== undefined) return [valueType];
  return [...options, innerType, input].flatMap((one) => (one === undefined ? [] : inside(one, key)));
}

const isSetting = (path: string) =>
  path
    .split(".")
    .reduce<readonly z.core.$ZodType[]>(
      (schemas, key) => schemas.flatMap((schema) => inside(schema, key)),
      [environmentSchema],
    ).length > 0;

const setting = new RegExp(`^((?:${Object.keys(environmentSchema.shape).join("|")})(?:\\.[\\w<>]+)+)(?:: .+)?$`);

/** What is wrong with a span of code, by the kinds that a reader looks up in the project. */
function problemsOf(span: string): readonly string[] {
  const words = (pattern: RegExp) => [...span.matchAll(pattern)].map(([word]) => word);
  const [, path] = setting.exec(span) ?? [];
  const [, name, withLabels] = metric.exec(span) ?? [];
  const counted = name ?? withLabels;
  const at = span.replace(/\/$/, "");
  const isPath = looksLikePath.test(span) && !madeByPrograms.test(span) && !span.includes("...");
  const ofProject = topFolders.has(span.split("/")[0] ?? "") || /\.(?:ts|mjs|cjs|sql|py|md|yml)$/.test(span);
  return [
    ...(isPath && ofProject && ![at, `${at}.ts`].some((one) => places.has(one)) ? [`there is no ${span}`] : []),
    ...[...words(upperCase), ...words(snakeCase)]
      .filter((word) => !wordsOfSources.has(word) && foreign[word] === undefined)
      .map((word) => `nothing of the project says ${word}`),
    ...(path === undefined || isSetting(path) ? [] : [`no environment has ${path}`]),
    ...(counted === undefined || metricNames.has(counted) ? [] : [`no metric is ${counted}`]),
  ];
}

test("pages name things", () => {
  const spans = pages.flatMap((page) => spansOf(textOf(page)));
  expect(spans.filter((span) => setting.test(span)).length).toBeGreaterThan(40);
  expect(spans.filter((span) => metric.test(span)).length).toBeGreaterThan(10);
  expect(spans.filter((span) => looksLikePath.test(span)).length).toBeGreaterThan(70);
});

test.each(pages)("%s: files, variables, settings, columns and metrics are the project's", (page) => {
  expect(spansOf(textOf(page)).flatMap(filled).flatMap(problemsOf)).toEqual([]);
});

test("every foreign name is named somewhere", () => {
  const all = pages.map(textOf).join("\n");
  expect(Object.keys(foreign).filter((name) => !all.includes(name))).toEqual([]);
});

test.each([
  ["a file", "constructs/network/fire-wall.ts", "there is no constructs/network/fire-wall.ts"],
  ["a folder", "app/desk/", "there is no app/desk/"],
  ["a file without its folder", "deploy-all.yml", "there is no deploy-all.yml"],
  ["a variable", "ORDER_SETTLE_PAUSE_MS", "nothing of the project says ORDER_SETTLE_PAUSE_MS"],
  ["a column", "limit_price_of_order", "nothing of the project says limit_price_of_order"],
  ["a setting", "trading.databasePool.most", "no environment has trading.databasePool.most"],
  ["a setting below a record", "cluster.nodeGroups.application.wanted", "no environment has cluster.nodeGroups"],
  ["a metric", "orders_lost_total", "no metric is orders_lost_total"],
])("%s that there is not is found", (_, span, problem) => {
  expect(problemsOf(span).join("\n")).toContain(problem);
});
