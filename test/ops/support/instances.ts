import { setTimeout as sleep } from "node:timers/promises";
import {
  DeregisterTargetsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { actuator, services } from "../../../app/packages/contract/services";
import { colours } from "../../../config/schema/release-state";
import type { Colour } from "../../../config/schema/release-state";
import { deploymentName } from "../../../config/names";
import { clientOptions } from "../../../ops/aws/clients";
import { startProcess, written } from "../../app/support/process";
import type { AppProcess } from "../../app/support/process";
import type { Balancer } from "./balancer";
import type { Harness } from "./harness";
import { MOST_PODS } from "./workloads";

const LOOK_MS = 100;

/**
 * What kwok does not do: runs user-management, a process a colour, while its Deployment wants pods. A target is
 * registered once its process is ready, and deregistered before the process is asked to end.
 */
export class Instances {
  private readonly running: Partial<Record<Colour, AppProcess>> = {};
  private readonly client: ElasticLoadBalancingV2Client;
  private over = false;
  private following: Promise<unknown> = Promise.resolve();

  /** @param variables that a process is started with */
  constructor(
    private readonly harness: Harness,
    private readonly balancer: Balancer,
    private readonly variables: Readonly<Record<string, string>>,
  ) {
    this.client = new ElasticLoadBalancingV2Client(clientOptions(harness.environment));
  }

  /** Brings up what is wanted now, and follows what is wanted from then on. */
  async start(): Promise<void> {
    for (const colour of colours) await this.takeAway(colour);
    for (const colour of colours) await this.look(colour);
    this.following = Promise.all(colours.map((colour) => this.follow(colour)));
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.following;
    for (const colour of colours) await this.takeAway(colour);
  }

  private async follow(colour: Colour): Promise<void> {
    while (!this.over) {
      await this.look(colour);
      await sleep(LOOK_MS);
    }
  }

  private async look(colour: Colour): Promise<void> {
    const { wanted } = await this.harness.platform.cluster.workload(deploymentName(services.userManagement, colour));
    if (wanted > 0 && this.running[colour] === undefined) await this.bringUp(colour);
    if (wanted === 0 && this.running[colour] !== undefined) await this.takeAway(colour);
  }

  private async bringUp(colour: Colour): Promise<void> {
    const started = startProcess("user-management", this.variables);
    this.running[colour] = started;
    const [, url = ""] = await written(started, /"url":"([^"]+)"/);
    while ((await fetch(url + actuator.readiness)).status !== 200) await sleep(LOOK_MS);
    this.balancer.register(colour, url);
    await this.client.send(new RegisterTargetsCommand(await this.targetsOf(colour)));
  }

  private async takeAway(colour: Colour): Promise<void> {
    await this.client.send(new DeregisterTargetsCommand(await this.targetsOf(colour)));
    this.balancer.deregister(colour);
    this.running[colour]?.child.kill("SIGTERM");
    await this.running[colour]?.ended;
    this.running[colour] = undefined;
  }

  /** As many targets as there may be pods: one process answers for all of them. */
  private async targetsOf(colour: Colour) {
    const groups = await this.harness.platform.targetGroups.of(colour);
    const Targets = Array.from({ length: MOST_PODS }, (_, index) => ({ Id: `10.0.10.${index + 10}` }));
    return { TargetGroupArn: groups.find(({ service }) => service === "userManagement")?.arn, Targets };
  }
}
