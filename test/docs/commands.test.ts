import { declared } from "./support/declared";
import type { Declared } from "./support/declared";
import { spansOf } from "./support/markdown";
import { namesCommand, problemsOfMention } from "./support/operator";
import { commandsOf, expanded } from "./support/page-commands";
import { problemsOf } from "./support/programs";
import { pages, textOf } from "./support/texts";

let known: Declared;
beforeAll(async () => {
  known = await declared();
}, 120_000);

/** What the guide does in its own words is not ours: the first column of the tables that name it. */
const ours = (page: string) => textOf(page).replaceAll(page === "docs/guide.md" ? /^\| [^|]*\|/gm : /(?!)/g, "|");

const problemsIn = async (text: string) =>
  (await Promise.all(commandsOf(text).map((command) => problemsOf(command, known)))).flat();

test("pages show commands", () => {
  const count = (page: string) => commandsOf(ours(page)).length;
  expect(count("README.md")).toBeGreaterThan(20);
  expect(pages.reduce((sum, page) => sum + count(page), 0)).toBeGreaterThan(150);
});

const showing = pages.filter((page) => commandsOf(ours(page)).length > 0);

test.each(showing)("%s: every command can be given as it is written", async (page) => {
  expect(await problemsIn(ours(page))).toEqual([]);
});

/** Made when the operator's tool runs. */
const notDeclared = new Set(["<prefix>/smoke-account"]);

test.each(pages)("%s: names with a placeholder are those of the stacks", (page) => {
  const names = spansOf(ours(page))
    .filter((span) => /^[\w<>/-]*<(?:prefix|service|colour)>[\w<>/-]*$/.test(span) && !notDeclared.has(span))
    .filter((span) => !/^<\w+>$/.test(span));
  const missing = names.flatMap(expanded).filter((name) => !known.mentions(name));
  expect(missing).toEqual([]);
});

const operatorPages = pages.filter((page) => page.startsWith("docs/runbooks/") || page === "docs/operations.md");

test.each(operatorPages)("%s: names commands of the operator's tool as it takes them", async (page) => {
  const lines = spansOf(textOf(page))
    .filter((span) => namesCommand(span.split(" ")))
    .flatMap(expanded);
  const problems = await Promise.all(lines.map((line) => problemsOfMention(line.split(" "))));
  expect(problems.flat()).toEqual([]);
});

test.each([
  ["a script", "npm run no-such", "there is no script"],
  ["a part", "npm start -- --only cloud", "usage: npm start"],
  ["a suite", "npm test -- units", "no suite units"],
  ["a command of the operator's tool", "npm run ops -- relese --env staging", "unknown command"],
  ["an option of it", "npm run ops -- status --env staging --color blue", "unknown option"],
  ["an environment", "npm run pipeline -- plan --env prod", "invalid"],
  ["a stack", "npx cdktf diff production-database", "no stack production-database"],
  [
    "a Deployment",
    "kubectl -n <namespace> exec deploy/user-management-blue -- /nodejs/bin/node grant-roles.js",
    "no deployment",
  ],
  [
    "a program of the image",
    "kubectl -n <namespace> exec job/<job name> -- /nodejs/bin/node grant.js",
    "no entry point",
  ],
  ["a CronJob", "kubectl -n <namespace> create job --from=cronjob/backup by-hand", "no cronjob backup"],
  ["a label", "kubectl -n <namespace> logs -l app=broker-integration", "no label"],
  ["a namespace", "kubectl -n trading get pods", "no namespace trading"],
  ["a Service of a chart", "kubectl -n monitoring port-forward svc/prometheus-server 9090", "no service"],
  ["an operation of AWS", "aws rds describe-instances", "nobody knows aws rds"],
  ["a secret", "aws secretsmanager put-secret-value --secret-id bist-trading-prod/broker", "no stack declares"],
  ["a resource", "terraform state rm aws_db_instance.Primary_<suffix>", "no resource"],
  ["a workflow's input", "gh workflow run deploy.yml -f stage=staging", "no input"],
  ["a role", 'psql "host=127.0.0.1 dbname=bist_trading user=postgres"', "no role postgres"],
  ["a secret in an argument", "curl -x http://user:password@proxy.example:3128 https://a.example", "as an argument"],
  ["a token in one", 'curl -H "Authorization: Bearer $token" https://a.example', "as an argument"],
  ["a token's variable in one", 'node client.js "$token"', "as an argument"],
  ["a header with a token in one", 'curl -H "$auth" https://a.example', "as an argument"],
  ["a password in one", `curl https://a.example -d '{"password":"any password"}'`, "as an argument"],
  ["a code in one", String.raw`curl https://a.example -d "{\"code\":\"$code\"}"`, "as an argument"],
  [
    "a secret's value in one",
    "aws secretsmanager put-secret-value --secret-id bist-trading-prod/algolab --secret-string x",
    "as an argument",
  ],
  ["a file", "npx jest --selectProjects faults test/app/chaos", "no test/app/chaos"],
  ["words of a log", "kubectl -n <namespace> logs -l app=market-data-service | grep 'nobody said'", "never logs"],
])("%s that is not there, or not to be, is found", async (_, line, problem) => {
  expect((await problemsIn(`\`\`\`sh\n${line}\n\`\`\``)).join("\n")).toContain(problem);
});
