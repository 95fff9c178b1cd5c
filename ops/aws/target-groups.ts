import { DescribeTargetGroupsCommand, DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { serviceKeys } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import { colours } from "../../config/schema/release-state";
import type { Colour } from "../../config/schema/release-state";
import { targetGroupName } from "../../config/names";
import { refused } from "../core/outcome";

/** ARNs of a service's target groups. */
export type ServiceTargets = Readonly<Record<Colour, string>> & { readonly service: ServiceKey };

/** Targets of one group that the load balancer may send requests to, of all that are registered. */
export interface TargetHealth {
  readonly service: ServiceKey;
  readonly healthy: number;
  readonly registered: number;
  /** Why those are not healthy that are not, each reason once. */
  readonly reasons: readonly string[];
}

/** Blue and green of each service, as the load balancer has them. */
export class TargetGroups {
  private found: Promise<readonly ServiceTargets[]> | undefined;

  constructor(
    private readonly client: ElasticLoadBalancingV2Client,
    private readonly prefix: string,
  ) {}

  all(): Promise<readonly ServiceTargets[]> {
    this.found ??= this.find();
    return this.found;
  }

  /** ARNs of one colour's groups, one a service. */
  async of(colour: Colour): Promise<readonly { readonly service: ServiceKey; readonly arn: string }[]> {
    return (await this.all()).map((targets) => ({ service: targets.service, arn: targets[colour] }));
  }

  async health(colour: Colour): Promise<readonly TargetHealth[]> {
    const groups = await this.of(colour);
    return Promise.all(
      groups.map(async ({ service, arn }) => {
        const { TargetHealthDescriptions = [] } = await this.client.send(
          new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
        );
        const sick = TargetHealthDescriptions.filter(({ TargetHealth: health }) => health?.State !== "healthy");
        const reasons = sick.map(
          ({ TargetHealth: health }) => health?.Description ?? health?.Reason ?? "no reason given",
        );
        const registered = TargetHealthDescriptions.length;
        return { service, registered, healthy: registered - sick.length, reasons: [...new Set(reasons)] };
      }),
    );
  }

  private async find(): Promise<readonly ServiceTargets[]> {
    const nameOf = (service: ServiceKey, colour: Colour) => targetGroupName(this.prefix, service, colour);
    const Names = serviceKeys.flatMap((service) => colours.map((colour) => nameOf(service, colour)));
    const { TargetGroups: groups = [] } = await this.client.send(new DescribeTargetGroupsCommand({ Names }));
    const arnOf = (service: ServiceKey, colour: Colour) => {
      const name = nameOf(service, colour);
      const arn = groups.find(({ TargetGroupName }) => TargetGroupName === name)?.TargetGroupArn;
      if (arn === undefined) throw refused(`There is no target group ${name}: deploy the stack "edge" first`);
      return arn;
    };
    return serviceKeys.map((service) => ({
      service,
      blue: arnOf(service, "blue"),
      green: arnOf(service, "green"),
    }));
  }
}
