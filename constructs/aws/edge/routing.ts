import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import type { LbListenerRuleAction, LbListenerRuleCondition } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { Construct } from "constructs";
import { actuator, serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { colours } from "../../../config/schema/release-state";
import { COLOUR_HEADER } from "../../../config/names";
import { pascalCase } from "../../support/pascal-case";
import { notFound } from "./load-balancer";
import { maintenancePage } from "../../../config/maintenance-page";
import type { ReleaseParameter } from "./release-parameter";
import type { TargetGroups } from "./target-groups";

/** Values of all conditions of one rule together; a quota of AWS that cannot be raised. */
const VALUES_PER_RULE = 5;

export interface Hosts extends Readonly<Record<ServiceKey, string>> {
  /** Shared by all services, each below its own path prefix. */
  readonly api: string;
  readonly monitor: string;
}

export interface RoutingProps {
  readonly listenerArn: string;
  readonly hosts: Hosts;
  readonly targetGroups: TargetGroups;
  readonly release: ReleaseParameter;
  /** Networks that may reach Grafana and either colour by name. */
  readonly administratorCidrs: readonly string[];
  /** Whether the load balancer sees a client's own address, which it does not behind CloudFront. */
  readonly seesClientAddress: boolean;
  /** Answers 503 with a page to everybody but the administrators' Grafana. */
  readonly maintenance: boolean;
}

/** First priority of each kind of rule; the lowest number is asked first. Fixed, since AWS refuses two rules with one. */
const priorities = { maintenance: 1, actuator: 5, colour: 100, host: 1000, path: 1100, monitor: 2000 };

/** Priorities kept free for the rules that it takes to name many networks. */
const RULES_PER_COLOUR = 50;

/**
 * Which request goes where. Weights come from the release parameter, so that a deploy leaves a release as it is.
 */
export class Routing extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RoutingProps,
  ) {
    super(scope, id);
    if (props.maintenance) this.closeForMaintenance();
    this.rule("Actuator", priorities.actuator, notFound, [paths(`*${actuator.prefix}*`)]);
    for (const [index, service] of serviceKeys.entries()) {
      this.routeService(service, index);
      this.routeColours(service, index);
    }
    this.forAdministrators("Monitor", priorities.monitor, props.targetGroups.monitor, [hosts(props.hosts.monitor)]);
  }

  private closeForMaintenance(): void {
    const { api, userManagement, marketData, brokerIntegration } = this.props.hosts;
    const page = {
      type: "fixed-response",
      fixedResponse: { contentType: "text/html", statusCode: "503", messageBody: maintenancePage },
    };
    this.rule("Maintenance", priorities.maintenance, page, [hosts(api, userManagement, marketData, brokerIntegration)]);
  }

  /** The service's own host, and its prefix below the shared one, by the weights of the release. */
  private routeService(service: ServiceKey, index: number): void {
    const { hosts: host, release, targetGroups } = this.props;
    const { pathPrefix } = services[service];
    const weighted = {
      type: "forward",
      forward: {
        targetGroup: colours.map((colour) => ({
          arn: targetGroups.services[service][colour],
          weight: release.weight(colour),
        })),
      },
    };
    this.rule(pascalCase(service, "host"), priorities.host + index, weighted, [hosts(host[service])]);
    this.rule(pascalCase(service, "path"), priorities.path + index, weighted, [
      hosts(host.api),
      paths(pathPrefix, `${pathPrefix}/*`),
    ]);
  }

  /** Each colour by name, for smoke tests of the one that is not live. */
  private routeColours(service: ServiceKey, index: number): void {
    for (const [nth, colour] of colours.entries()) {
      const priority = priorities.colour + (index * colours.length + nth) * RULES_PER_COLOUR;
      this.forAdministrators(pascalCase(service, colour), priority, this.props.targetGroups.services[service][colour], [
        hosts(this.props.hosts[service]),
        header(COLOUR_HEADER, colour),
      ]);
    }
  }

  /**
   * A rule for the administrators' networks only, or as many as it takes to name them all. Behind CloudFront the load
   * balancer cannot tell who asks: there the web ACL turns everybody else away.
   */
  private forAdministrators(
    id: string,
    priority: number,
    targetGroupArn: string,
    conditions: readonly LbListenerRuleCondition[],
  ): void {
    const { administratorCidrs, seesClientAddress } = this.props;
    const action = { type: "forward", targetGroupArn };
    const networks = seesClientAddress
      ? chunks(administratorCidrs, VALUES_PER_RULE - conditions.length).map((values) => [{ sourceIp: { values } }])
      : [[]];
    for (const [nth, from] of networks.entries()) {
      this.rule(`${id}${nth === 0 ? "" : nth + 1}`, priority + nth, action, [...conditions, ...from]);
    }
  }

  private rule(
    id: string,
    priority: number,
    action: LbListenerRuleAction,
    condition: readonly LbListenerRuleCondition[],
  ): void {
    new LbListenerRule(this, id, {
      listenerArn: this.props.listenerArn,
      priority,
      action: [action],
      condition: [...condition],
    });
  }
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, nth) =>
    values.slice(nth * size, (nth + 1) * size),
  );
}

function hosts(...values: string[]): LbListenerRuleCondition {
  return { hostHeader: { values } };
}

function paths(...values: string[]): LbListenerRuleCondition {
  return { pathPattern: { values } };
}

function header(httpHeaderName: string, value: string): LbListenerRuleCondition {
  return { httpHeader: { httpHeaderName, values: [value] } };
}
