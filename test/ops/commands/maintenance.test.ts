import { CreateClusterCommand, CreateNodegroupCommand, EKSClient, ResourceInUseException } from "@aws-sdk/client-eks";
import { unreleased } from "../../../config/schema/release-state";
import { clientOptions } from "../../../ops/aws/clients";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

describeWhere(testEnvironmentMissing(), "maintenance", () => {
  const application = new FakeApplication();
  let harness: Harness;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
  });
  beforeEach(async () => {
    application.broken = undefined;
    await harness.reset();
  });
  afterAll(() => application.close());

  /** Whether the page was on at each change of a Deployment. */
  function pageAtChanges(): { readonly closed: boolean[]; readonly platform: Partial<typeof harness.platform> } {
    const closed: boolean[] = [];
    const cluster: typeof harness.platform.cluster = Object.create(harness.platform.cluster, {
      change: {
        value: async (...args: Parameters<typeof harness.platform.cluster.change>) => {
          closed.push(await harness.platform.loadBalancer.isClosedToTraders());
          await harness.platform.cluster.change(...args);
        },
      },
    }) as typeof harness.platform.cluster;
    return { closed, platform: { cluster } };
  }

  test("scale changes the pods behind the page, and the number stays in the release parameter", async () => {
    const { closed, platform } = pageAtChanges();
    const { code } = await harness.ops("maintenance scale user-management=4", { platform });
    expect([code, closed]).toEqual([0, [true]]);
    expect(harness.pods()["user-management-service-blue"]?.wanted).toBe(4);
    expect(await harness.platform.release.read()).toEqual({ ...unreleased, replicas: { "user-management": 4 } });
    expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(false);
  });

  test("scale raises what an autoscaler may go down to, for both colours", async () => {
    expect((await harness.ops("maintenance scale market-data=5")).code).toBe(0);
    expect(harness.pods()["market-data-service-blue"]?.wanted).toBe(5);
    for (const colour of ["blue", "green"]) {
      expect(await harness.platform.cluster.autoscaler(`market-data-hpa-${colour}`)).toMatchObject({ min: 5 });
    }
  });

  test("a release after a scale brings the new colour up at the new number, and keeps it", async () => {
    await harness.ops("maintenance scale user-management=4");
    await harness.ops(`release ${await harness.image("second")} --weights 100 --soak 0`);
    expect(harness.pods()["user-management-service-green"]?.wanted).toBe(4);
    expect((await harness.platform.release.read()).replicas).toEqual({ "user-management": 4 });
  });

  test("update replaces the live pods behind the page", async () => {
    const image = await harness.image("second");
    const { closed, platform } = pageAtChanges();
    const { code } = await harness.ops(`maintenance update ${image}`, { platform });
    expect([code, closed]).toEqual([0, [true, true, true]]);
    expect(harness.pods()["broker-integration-service-blue"]).toEqual({ wanted: 1, image });
    expect(await harness.platform.release.read()).toEqual({ ...unreleased, images: { blue: image, green: "" } });
  });

  test("that fails is taken back, and the page goes off, when the platform is healthy without it", async () => {
    const first = await harness.image("first");
    const second = await harness.image("second");
    const cluster = Object.create(harness.platform.cluster, {
      workload: {
        value: async (name: string) => {
          const found = await harness.platform.cluster.workload(name);
          return found.image === second ? { ...found, settled: false, trouble: "ErrImagePull" } : found;
        },
      },
    }) as typeof harness.platform.cluster;
    const { code, answer } = await harness.ops(`maintenance update ${second}`, { platform: { cluster } });
    expect([code, answer.reason]).toEqual([5, expect.stringContaining("does not get on: ErrImagePull")]);
    expect(harness.pods()["user-management-service-blue"]).toEqual({ wanted: 2, image: first });
    expect(await harness.platform.release.read()).toEqual(unreleased);
    expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(false);
  });

  test("that leaves the platform sick keeps the page on, wakes the operators, and takes it off once all is well", async () => {
    application.broken = "/api/v1/symbols";
    const raised: string[] = [];
    const alarm: typeof harness.platform.alarm = Object.create(harness.platform.alarm, {
      raise: {
        value: async (subject: string, message: string) => {
          raised.push(message);
          await harness.platform.alarm.raise(subject, message);
        },
      },
    }) as typeof harness.platform.alarm;
    const failed = await harness.ops("maintenance scale user-management=3", { platform: { alarm } });
    expect([failed.code, raised]).toEqual([6, [expect.stringContaining("The maintenance page of local stays on")]]);
    expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(true);
    expect((await harness.ops("status")).code).toBe(7);

    application.broken = undefined;
    expect((await harness.ops("operation resume")).code).toBe(5);
    expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(false);
    expect(harness.pods()["user-management-service-blue"]?.wanted).toBe(2);
  });

  test("patch replaces the machines of every node group, and the pods", async () => {
    await nodeGroups(["application", "system"]);
    const { code, answer } = await harness.ops("maintenance patch");
    expect([code, answer.answer]).toEqual([0, { nodeGroups: ["application", "system"] }]);
    const [deployment] = harness.kubectl.list("deployments", [
      `--namespace=${harness.namespace}`,
      "--selector=colour=blue",
    ]) as unknown as [
      { readonly spec: { readonly template: { readonly metadata: { readonly annotations: object } } } },
    ];
    expect(Object.keys(deployment.spec.template.metadata.annotations)).toContain("kubectl.kubernetes.io/restartedAt");
  });

  test.each([
    ["more pods than the autoscaler may bring", "maintenance scale market-data=7", 3, /at most 6 pods/],
    ["more than the database has connections for", "maintenance scale user-management=40", 3, /open at once/],
    ["a service that there is not", "maintenance scale orders=2", 2, /the services are user-management/],
    ["no pods at all", "maintenance scale market-data=0", 2, /<service>=<pods>/],
  ])("is refused for %s", async (_name, line, expected, words) => {
    const { code, stderr } = await harness.ops(line);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(words)]);
    expect(await harness.platform.loadBalancer.isClosedToTraders()).toBe(false);
  });

  /** A cluster of EKS with these node groups, as the stack `cluster` would leave it. */
  async function nodeGroups(names: readonly string[]): Promise<void> {
    const client = new EKSClient(clientOptions(harness.environment));
    const { name } = harness.environment.cluster;
    const roleArn = `arn:aws:iam::${harness.environment.aws.accountId}:role/eks`;
    const known = (error: unknown) => {
      if (!(error instanceof ResourceInUseException)) throw error;
    };
    await client.send(new CreateClusterCommand({ name, roleArn, resourcesVpcConfig: { subnetIds: [] } })).catch(known);
    for (const nodegroupName of names) {
      const group = { clusterName: name, nodegroupName, nodeRole: roleArn, subnets: [] };
      await client.send(new CreateNodegroupCommand(group)).catch(known);
    }
  }
});
