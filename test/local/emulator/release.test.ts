import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { App, TerraformOutput } from "cdktf";
import { environment } from "../../../config";
import type { Environment } from "../../../config";
import { formatReleaseState, parseReleaseState, unreleased } from "../../../config/schema/release-state";
import type { ReleaseState } from "../../../config/schema/release-state";
import { ReleaseParameter } from "../../../constructs/aws/edge/release-parameter";
import { Routing } from "../../../constructs/aws/edge/routing";
import { TargetGroups } from "../../../constructs/aws/edge/target-groups";
import { EnvironmentStack } from "../../../stacks/environment-stack";
import { emulatorMissing, startEmulator } from "../../support/emulator";
import type { TestEmulator } from "../../support/emulator";
import { Operator } from "../../support/operator";
import { describeWhere } from "../../support/skip";
import { temporaryFolder, terraform, terraformMissing } from "../../support/terraform";

const local = environment("local");

/** What of the edge has to do with releases, on a load balancer without certificates. */
class ReleasesStack extends EnvironmentStack {
  constructor(app: App, environment: Environment, maintenance: boolean) {
    super(app, environment, "releases");
    const { prefix, edge, operators } = environment;
    const vpc = new Vpc(this, "Vpc", { cidrBlock: "10.0.0.0/16" });
    const subnets = ["a", "b"].map(
      (zone, index) =>
        new Subnet(this, `Subnet${zone}`, {
          vpcId: vpc.id,
          cidrBlock: `10.0.${index}.0/24`,
          availabilityZone: `us-east-1${zone}`,
        }),
    );
    const balancer = new Lb(this, "Balancer", { name: prefix, subnets: subnets.map(({ id }) => id) });
    const listener = new LbListener(this, "Listener", {
      loadBalancerArn: balancer.arn,
      port: 80,
      defaultAction: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } }],
    });
    const targetGroups = new TargetGroups(this, "TargetGroups", { prefix, vpcId: vpc.id, drainSeconds: 30 });
    const release = new ReleaseParameter(this, "Release", {
      name: "/releases/release",
      protection: { reason: "A test" },
    });
    new Routing(this, "Routing", {
      listenerArn: listener.arn,
      hosts: edge.hosts,
      targetGroups,
      release,
      administratorCidrs: operators.cidrs,
      seesClientAddress: true,
      maintenance,
    });
    new TerraformOutput(this, "listener", { value: listener.arn, staticId: true });
  }
}

describeWhere(terraformMissing() ?? emulatorMissing(), "a release", () => {
  const root = temporaryFolder("release");
  const folder = (name: string) => join(root, name, "stacks", "local-releases");
  let emulator: TestEmulator;

  /** Writes the stack to a folder of the same depth as the real one, so that its state lies below `root`. */
  function synthesize(name: string, maintenance: boolean): void {
    const app = new App({ outdir: join(root, name), skipValidation: true });
    new ReleasesStack(app, local, maintenance);
    app.synth();
    mkdirSync(join(root, ".local", "state"), { recursive: true });
  }
  const run = (name: string, ...args: string[]) => terraform(folder(name), args, { emulator: emulator.endpoint });
  const changes = async (name: string) => (await run(name, "plan", "-input=false", "-detailed-exitcode")).code;

  beforeAll(async () => {
    emulator = await startEmulator();
    synthesize("before", false);
    await run("before", "init", "-input=false");
    await run("before", "apply", "-auto-approve", "-input=false");
    synthesize("later", true);
    cpSync(join(folder("before"), ".terraform"), join(folder("later"), ".terraform"), { recursive: true });
    cpSync(join(folder("before"), ".terraform.lock.hcl"), join(folder("later"), ".terraform.lock.hcl"));
  }, 600_000);

  afterAll(async () => {
    await emulator.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test("stays as it is when the platform is deployed after it", async () => {
    const operator = new Operator(emulator.endpoint, local.aws.accountId);
    const listener = (await run("before", "output", "-raw", "listener")).stdout.trim();
    expect(parseReleaseState(await operator.parameter("/releases/release"))).toEqual(unreleased);

    const released: ReleaseState = {
      schema: 1,
      live: "green",
      images: { blue: "", green: "registry.test/app@sha256:0" },
      weights: { blue: 10, green: 90 },
    };
    expect(await operator.setWeights(listener, released.weights)).toBe(6);
    expect(await changes("before")).toBe(2);
    await operator.putParameter("/releases/release", formatReleaseState(released));
    expect(await changes("before")).toBe(0);

    await run("later", "apply", "-auto-approve", "-input=false");
    expect(parseReleaseState(await operator.parameter("/releases/release"))).toEqual(released);
    expect(await changes("later")).toBe(0);
  }, 600_000);
});
