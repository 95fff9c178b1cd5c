import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { ReleaseParameter } from "../../../../constructs/aws/edge/release-parameter";
import { Routing } from "../../../../constructs/aws/edge/routing";
import type { RoutingProps } from "../../../../constructs/aws/edge/routing";
import { TargetGroups } from "../../../../constructs/aws/edge/target-groups";
import { contains } from "../../../../config/schema/addresses";
import { resources, testStack } from "../../../support/template";

const hosts = {
  api: "api.test",
  userManagement: "user-api.test",
  marketData: "market.test",
  brokerIntegration: "trading.test",
  monitor: "monitor.test",
};

interface Condition {
  readonly host_header?: { readonly values: readonly string[] };
  readonly path_pattern?: { readonly values: readonly string[] };
  readonly http_header?: { readonly http_header_name: string; readonly values: readonly string[] };
  readonly source_ip?: { readonly values: readonly string[] };
}
interface Rule {
  readonly priority: number;
  readonly condition: readonly Condition[];
  readonly action: readonly [
    {
      readonly target_group_arn?: string;
      readonly fixed_response?: { readonly status_code: string; readonly message_body: string };
      readonly forward?: { readonly target_group: readonly { readonly arn: string; readonly weight: string }[] };
    },
  ];
}
interface Request {
  readonly host: string;
  readonly path?: string;
  readonly from?: string;
  readonly colour?: string;
}

function rules(props: Partial<RoutingProps> = {}): Rule[] {
  const stack = testStack();
  new Routing(stack, "Routing", {
    listenerArn: "arn:listener",
    hosts,
    targetGroups: new TargetGroups(stack, "Groups", { prefix: "shop", vpcId: "vpc-1", drainSeconds: 30 }),
    release: new ReleaseParameter(stack, "Release", { name: "/shop/release", protection: true }),
    administratorCidrs: ["203.0.113.0/24"],
    seesClientAddress: true,
    maintenance: false,
    ...props,
  });
  return (resources(stack, LbListenerRule) as unknown as Rule[]).sort((one, other) => one.priority - other.priority);
}

/** `*` and `?` as the load balancer reads them: letters in their case, the path without the query. */
const matches = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(text);

function holds(condition: Condition, { host, path = "/", from = "198.51.100.7", colour }: Request): boolean {
  const { host_header, path_pattern, http_header, source_ip } = condition;
  if (host_header) return host_header.values.some((pattern) => matches(pattern, host));
  if (path_pattern) return path_pattern.values.some((pattern) => matches(pattern, path));
  if (http_header) return colour !== undefined && http_header.values.includes(colour);
  if (source_ip) return source_ip.values.some((network) => contains(network, `${from}/32`));
  throw new Error(`a condition of no known kind: ${JSON.stringify(condition)}`);
}

/** Who answers: the names of target groups, or a status. */
function answer(request: Request, found: readonly Rule[]): string {
  const rule = found.find(({ condition }) => condition.every((each) => holds(each, request)));
  if (rule === undefined) return "404 by default";
  const [{ target_group_arn, fixed_response, forward }] = rule.action;
  if (fixed_response) return fixed_response.status_code;
  const arns =
    target_group_arn === undefined ? (forward?.target_group ?? []).map(({ arn }) => arn) : [target_group_arn];
  return arns.map((arn) => /Groups_(\w+)_/.exec(arn)?.[1]).join("+");
}

const administrator = "203.0.113.9";

describe("Routing", () => {
  const open = rules();

  test.each<[Request, string]>([
    [{ host: "user-api.test", path: "/api/auth/login" }, "UserManagementBlue+UserManagementGreen"],
    [{ host: "market.test", path: "/ws/market-data" }, "MarketDataBlue+MarketDataGreen"],
    [{ host: "trading.test", path: "/api/orders" }, "BrokerIntegrationBlue+BrokerIntegrationGreen"],
    [{ host: "api.test", path: "/user" }, "UserManagementBlue+UserManagementGreen"],
    [{ host: "api.test", path: "/market/quotes" }, "MarketDataBlue+MarketDataGreen"],
    [{ host: "api.test", path: "/trading/api/orders" }, "BrokerIntegrationBlue+BrokerIntegrationGreen"],
    [{ host: "api.test", path: "/users" }, "404 by default"],
    [{ host: "api.test" }, "404 by default"],
    [{ host: "elsewhere.test" }, "404 by default"],
  ])("sends %j to %s", (request, expected) => {
    expect(answer(request, open)).toBe(expected);
  });

  test.each([
    "/actuator",
    "/actuator/health/readiness",
    "/user/actuator/prometheus",
    "//actuator/health",
    "/actuator;v=1/health",
    "/x/../actuator/prometheus",
  ])("never forwards %s, to nobody", (path) => {
    for (const host of Object.values(hosts)) {
      expect(answer({ host, path, from: administrator, colour: "green" }, open)).toBe("404");
    }
  });

  test("shows Grafana to administrators only", () => {
    expect(answer({ host: "monitor.test", from: administrator }, open)).toBe("Monitor");
    expect(answer({ host: "monitor.test" }, open)).toBe("404 by default");
  });

  test("lets administrators name a colour, and nobody else", () => {
    const request = { host: "trading.test", colour: "green" };
    expect(answer({ ...request, from: administrator }, open)).toBe("BrokerIntegrationGreen");
    expect(answer(request, open)).toBe("BrokerIntegrationBlue+BrokerIntegrationGreen");
  });

  test("names every network of the administrators, in as many rules as AWS asks for", () => {
    const administratorCidrs = Array.from({ length: 11 }, (_, index) => `10.0.${index}.0/24`);
    const found = rules({ administratorCidrs });
    for (let index = 0; index < 11; index++) {
      expect(answer({ host: "monitor.test", from: `10.0.${index}.1` }, found)).toBe("Monitor");
    }
    const values = ({ condition }: Rule) =>
      condition.flatMap((each) => Object.values(each as Record<string, { values: string[] }>).flatMap((c) => c.values));
    expect(found.filter((rule) => values(rule).length > 5)).toEqual([]);
    expect(new Set(found.map(({ priority }) => priority)).size).toBe(found.length);
  });

  test("has no way to Grafana when there are no administrators", () => {
    expect(answer({ host: "monitor.test", from: administrator }, rules({ administratorCidrs: [] }))).toBe(
      "404 by default",
    );
  });

  test("leaves it to the web ACL who asks where CloudFront hides it", () => {
    expect(answer({ host: "monitor.test" }, rules({ seesClientAddress: false }))).toBe("Monitor");
  });

  test("weighs both colours by the release parameter in all six rules that traders use", () => {
    const weighted = open.flatMap(({ action: [{ forward }] }) => (forward === undefined ? [] : [forward.target_group]));
    expect(weighted).toHaveLength(6);
    for (const [blue, green] of weighted) {
      expect(blue?.weight).toMatch(/jsondecode\(.*\)\.weights\.blue/);
      expect(green?.weight).toMatch(/jsondecode\(.*\)\.weights\.green/);
    }
  });

  test("closes every trader's host for maintenance and keeps Grafana open", () => {
    const found = rules({ maintenance: true });
    for (const host of ["api.test", "user-api.test", "market.test", "trading.test"]) {
      expect(answer({ host, path: "/user/x" }, found)).toBe("503");
    }
    expect(answer({ host: "monitor.test", from: administrator }, found)).toBe("Monitor");
    const page = found[0]?.action[0].fixed_response?.message_body ?? "";
    expect(page).toMatch(/Bakımdayız[\s\S]*Under maintenance/);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(1024);
  });
});
