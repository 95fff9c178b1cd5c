import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Construct } from "constructs";
import { actuator, serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { colours } from "../../../config/schema/release-state";
import type { Colour } from "../../../config/schema/release-state";
import { monitoringServices } from "../../../config/monitoring-services";
import { targetGroupName } from "../../../config/names";
import { check } from "../../support/check";
import { pascalCase } from "../../support/pascal-case";

/** Grafana, which is not part of the application. */
const GRAFANA = { port: monitoringServices.grafana.port, healthPath: "/api/health" };

export interface TargetGroupsProps {
  readonly prefix: string;
  readonly vpcId: string;
  /** Seconds a target that leaves keeps its open requests. */
  readonly drainSeconds: number;
}

/**
 * Where requests go: blue and green of each service, both always registered, and Grafana. Pods bind themselves to a
 * group by its ARN and are spoken to over TLS with the certificate that cert-manager issues.
 */
export class TargetGroups extends Construct {
  /** ARNs. */
  readonly services: Readonly<Record<ServiceKey, Readonly<Record<Colour, string>>>>;
  /** ARN. */
  readonly monitor: string;

  constructor(scope: Construct, id: string, props: TargetGroupsProps) {
    super(scope, id);
    const group = (childId: string, name: string, port: number, healthPath: string) =>
      this.targetGroup(childId, name, port, healthPath, props).arn;

    const ofService = (key: ServiceKey) => {
      const { port } = services[key];
      const arns = colours.map((colour) => [
        colour,
        group(pascalCase(key, colour), targetGroupName(props.prefix, key, colour), port, actuator.readiness),
      ]);
      return Object.fromEntries(arns) as Record<Colour, string>;
    };
    this.services = Object.fromEntries(serviceKeys.map((key) => [key, ofService(key)])) as Record<
      ServiceKey,
      Record<Colour, string>
    >;
    this.monitor = group("Monitor", `${props.prefix}-monitor`, GRAFANA.port, GRAFANA.healthPath);
  }

  private targetGroup(
    id: string,
    name: string,
    port: number,
    healthPath: string,
    { vpcId, drainSeconds }: TargetGroupsProps,
  ): LbTargetGroup {
    check(this, [[name.length <= 32, `target group name "${name}" has ${name.length} characters; AWS takes 32`]]);
    return new LbTargetGroup(this, id, {
      name,
      vpcId,
      port,
      protocol: "HTTPS",
      protocolVersion: "HTTP1",
      targetType: "ip",
      deregistrationDelay: String(drainSeconds),
      healthCheck: {
        path: healthPath,
        port: "traffic-port",
        protocol: "HTTPS",
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
    });
  }
}
