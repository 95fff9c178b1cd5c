import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { projectRoot } from "../../../lib/paths";
import { Visitor } from "../../../ops/smoke/visitor";
import { walkAsTrader } from "../../../ops/smoke/trader";
import { startOwnedDatabase } from "../../app/support/owned-database";
import type { OwnedDatabase } from "../../app/support/owned-database";
import { debianPostgresMissing } from "../../app/support/debian-postgres";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Balancer } from "../support/balancer";
import { Harness } from "../support/harness";
import { Instances } from "../support/instances";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(1_200_000);

/** RELEASES=10 makes ten. */
const RELEASES = Number(process.env["RELEASES"] ?? "3");
const REQUESTS_A_SECOND = 200;
/** A soak of a minute takes seconds, and processes have time to come up. */
const MOMENT_MS = 250;

interface Load extends Promise<LoadReport> {
  stop(): void;
}
interface LoadReport {
  readonly "2xx": number;
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
}
const autocannon = createRequire(join(projectRoot, "package.json"))("autocannon") as (options: object) => Load;

const missing = testEnvironmentMissing() ?? debianPostgresMissing();

/** User management is real here, a process a colour; the load balancer is the test's, by the emulator's weights. */
describeWhere(missing, "a release under load", () => {
  const others = new FakeApplication();
  let harness: Harness;
  let database: OwnedDatabase;
  let balancer: Balancer;
  let instances: Instances;
  let visitor: Visitor;
  let address: string;

  beforeAll(async () => {
    const elsewhere = await others.listen();
    harness = new Harness(elsewhere);
    harness.clock.momentMs = MOMENT_MS;
    await harness.reset();
    database = await startOwnedDatabase();
    balancer = new Balancer(() => harness.platform.loadBalancer.weights());
    address = await balancer.listen();
    visitor = new Visitor((service) => (service === "userManagement" ? address : elsewhere));
    const secret = randomBytes(32).toString("base64");
    instances = new Instances(harness, balancer, {
      ...database.variables,
      HOST: "127.0.0.1",
      PORT: "0",
      DRAIN_DELAY_MS: "1000",
      JWT_SECRET: secret,
      DATA_ENCRYPTION_KEYS: `1:${secret}`,
      DATA_LOOKUP_SECRET: secret,
      RATE_LIMITING_ENABLED: "false",
    });
    await instances.start();
  });
  afterAll(async () => {
    await instances.stop();
    balancer.close();
    await others.close();
    await database.drop();
  });

  async function token(): Promise<string> {
    const { email, password } = await harness.platform.smokeAccount.credentials();
    await walkAsTrader(visitor, { email, password }, undefined, () => undefined);
    const login = { service: "userManagement", method: "POST", path: "/api/v1/auth/login" } as const;
    const { body } = await visitor.call({ ...login, body: { email, password } });
    return (body as { accessToken: string }).accessToken;
  }

  test(`loses no request in ${RELEASES} of them`, async () => {
    const load = autocannon({
      url: `${address}/api/v1/auth/validate`,
      headers: { authorization: `Bearer ${await token()}` },
      connections: 8,
      overallRate: REQUESTS_A_SECOND,
      duration: 1_200,
    });
    const platform = { visitor, traffic: balancer };
    for (let made = 1; made <= RELEASES; made += 1) {
      const image = await harness.image(`under-load-${made}`);
      const { code, stderr } = await harness.ops(`release ${image} --soak 1`, { platform });
      expect([stderr, code]).toEqual([stderr, 0]);
      expect(stderr).toMatch(/for 1 min at 100 %: [1-9]\d* requests, 0 failed/);
    }
    load.stop();
    const report = await load;
    const failed = report.non2xx + report.errors + report.timeouts;
    process.stdout.write(`${failed} of ${report["2xx"] + failed} requests failed in ${RELEASES} releases\n`);
    expect(report["2xx"]).toBeGreaterThan(RELEASES * REQUESTS_A_SECOND);
    expect(failed).toBe(0);
  });
});
