import { GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchClient, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { Colour } from "../../config/schema/release-state";
import type { LoadBalancer } from "./load-balancer";
import type { TargetGroups } from "./target-groups";

/** What one colour did with its requests in some time. */
export interface Figures {
  readonly requests: number;
  /** Answers of 500 and above, of the targets themselves. */
  readonly errors: number;
  /** Highest of the services' 99th percentiles; 0 where nothing was asked. */
  readonly latencyMs: number;
}

/** Where the figures of a colour come from. */
export interface Traffic {
  since(colour: Colour, from: Date, until: Date): Promise<Figures>;
}

/** CloudWatch keeps a load balancer's figures by the minute. */
const PERIOD_SECONDS = 60;

const measures = [
  { metric: "RequestCount", stat: "Sum" },
  { metric: "HTTPCode_Target_5XX_Count", stat: "Sum" },
  { metric: "TargetResponseTime", stat: "p99" },
] as const;

/** The load balancer's own figures of each target group. */
export class LoadBalancerTraffic implements Traffic {
  constructor(
    private readonly client: CloudWatchClient,
    private readonly loadBalancer: LoadBalancer,
    private readonly targetGroups: TargetGroups,
  ) {}

  async since(colour: Colour, from: Date, until: Date): Promise<Figures> {
    const [loadBalancer, groups] = await Promise.all([this.loadBalancer.dimension(), this.targetGroups.of(colour)]);
    const queries = groups.flatMap(({ arn }, group) =>
      measures.map(({ metric, stat }, measure): MetricDataQuery => {
        const Dimensions = [
          { Name: "LoadBalancer", Value: loadBalancer },
          { Name: "TargetGroup", Value: arn.slice(arn.indexOf("targetgroup/")) },
        ];
        const Metric = { Namespace: "AWS/ApplicationELB", MetricName: metric, Dimensions };
        return { Id: `m${measure}g${group}`, MetricStat: { Metric, Period: PERIOD_SECONDS, Stat: stat } };
      }),
    );
    const { MetricDataResults = [] } = await this.client.send(
      new GetMetricDataCommand({ MetricDataQueries: queries, StartTime: from, EndTime: until }),
    );
    const valuesOf = (measure: number) =>
      MetricDataResults.filter(({ Id }) => Id?.startsWith(`m${measure}g`)).flatMap(({ Values = [] }) => Values);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const [requests, errors, latencies] = [valuesOf(0), valuesOf(1), valuesOf(2)];
    return { requests: sum(requests), errors: sum(errors), latencyMs: Math.max(0, ...latencies) * 1_000 };
  }
}
