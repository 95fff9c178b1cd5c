import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  LoadBalancerNotFoundException,
  ModifyRuleCommand,
  paginateDescribeRules,
  PriorityInUseException,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Action, ElasticLoadBalancingV2Client, Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { colours } from "../../config/schema/release-state";
import type { Colour, ReleaseState } from "../../config/schema/release-state";
import { maintenancePage } from "../../config/maintenance-page";
import { refused } from "../core/outcome";
import type { ServiceTargets, TargetGroups } from "./target-groups";

type Weights = ReleaseState["weights"];

/**
 * Priority of the operators' page: after the rules by which an administrator reaches a colour by name, so that a
 * platform which is closed to everybody can be tried; before those that let traders in.
 */
export const PAGE_PRIORITY = 900;

const HTTPS = 443;

/** The public listener's rules, as far as operations change them. */
export class LoadBalancer {
  private listener: Promise<string> | undefined;

  constructor(
    private readonly client: ElasticLoadBalancingV2Client,
    private readonly name: string,
    private readonly targetGroups: TargetGroups,
  ) {}

  /** Gives each colour its share of every service's requests, all rules at once. */
  async setWeights(weights: Weights): Promise<void> {
    const rules = await this.weightedRules();
    await Promise.all(
      rules.map(({ rule, action, services }) => {
        const groups = colours.map((colour) => ({ TargetGroupArn: services[colour], Weight: weights[colour] }));
        const ForwardConfig = { ...action.ForwardConfig, TargetGroups: groups };
        return this.client.send(
          new ModifyRuleCommand({ RuleArn: rule.RuleArn, Actions: [{ Type: "forward", ForwardConfig }] }),
        );
      }),
    );
  }

  /** The shares that the rules give, each once: more than one while they are being changed, or were half changed. */
  async weights(): Promise<readonly Weights[]> {
    const rules = await this.weightedRules();
    const found = rules.map(({ action, services }) => {
      const weightOf = (colour: Colour) =>
        action.ForwardConfig?.TargetGroups?.find(({ TargetGroupArn }) => TargetGroupArn === services[colour])?.Weight ??
        0;
      return { blue: weightOf("blue"), green: weightOf("green") };
    });
    return found.filter((one, at) => found.findIndex((other) => other.blue === one.blue) === at);
  }

  /** Answers 503 with the page to everybody but administrators that name a colour. */
  async closeToTraders(hosts: readonly string[], operation: string): Promise<void> {
    if ((await this.page()) !== undefined) return;
    const fixed = { StatusCode: "503", ContentType: "text/html", MessageBody: maintenancePage };
    try {
      await this.client.send(
        new CreateRuleCommand({
          ListenerArn: await this.listenerArn(),
          Priority: PAGE_PRIORITY,
          Conditions: [{ Field: "host-header", HostHeaderConfig: { Values: [...hosts] } }],
          Actions: [{ Type: "fixed-response", FixedResponseConfig: fixed }],
          Tags: [{ Key: "Operation", Value: operation }],
        }),
      );
    } catch (error) {
      // The first of two sends may have arrived without its answer.
      if (!(error instanceof PriorityInUseException)) throw error;
    }
  }

  async reopenToTraders(): Promise<void> {
    const page = await this.page();
    if (page !== undefined) await this.client.send(new DeleteRuleCommand({ RuleArn: page.RuleArn }));
  }

  /** Whether traders see the operators' page. */
  async isClosedToTraders(): Promise<boolean> {
    return (await this.page()) !== undefined;
  }

  /** As CloudWatch names it: `app/<name>/<id>`. */
  async dimension(): Promise<string> {
    return (await this.arn()).split(":loadbalancer/")[1] ?? "";
  }

  private async page(): Promise<Rule | undefined> {
    return (await this.rules()).find(({ Priority }) => Priority === String(PAGE_PRIORITY));
  }

  private async weightedRules() {
    const [rules, all] = await Promise.all([this.rules(), this.targetGroups.all()]);
    const weighted = rules.flatMap((rule) => {
      const action = rule.Actions?.[0] ?? ({} as Action);
      const services = all.find((one) => forwardsToBoth(action, one));
      return services === undefined ? [] : [{ rule, action, services }];
    });
    const without = all.filter((one) => !weighted.some(({ services }) => services === one));
    if (without.length > 0) {
      const names = without.map(({ service }) => service).join(", ");
      throw new Error(`No rule of ${this.name} weighs blue and green of ${names}: deploy the stack "edge"`);
    }
    return weighted;
  }

  private async rules(): Promise<readonly Rule[]> {
    const rules: Rule[] = [];
    const ListenerArn = await this.listenerArn();
    for await (const { Rules = [] } of paginateDescribeRules({ client: this.client }, { ListenerArn })) {
      rules.push(...Rules);
    }
    return rules;
  }

  private listenerArn(): Promise<string> {
    this.listener ??= this.arn().then(async (LoadBalancerArn) => {
      const { Listeners = [] } = await this.client.send(new DescribeListenersCommand({ LoadBalancerArn }));
      const arn = Listeners.find(({ Port }) => Port === HTTPS)?.ListenerArn;
      if (arn === undefined) throw refused(`${this.name} has no HTTPS listener: deploy the stack "edge" first`);
      return arn;
    });
    return this.listener;
  }

  private async arn(): Promise<string> {
    try {
      const { LoadBalancers } = await this.client.send(new DescribeLoadBalancersCommand({ Names: [this.name] }));
      return LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    } catch (error) {
      if (!(error instanceof LoadBalancerNotFoundException)) throw error;
      throw refused(`There is no load balancer ${this.name}: deploy the stack "edge" first`);
    }
  }
}

/** Also a rule whose one colour has no weight, and one that names the same group in a single-target forward. */
function forwardsToBoth(action: Action, services: ServiceTargets): boolean {
  const arns = action.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn }) => TargetGroupArn) ?? [];
  return colours.every((colour) => arns.includes(services[colour]));
}
