import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { serviceKeys } from "../../../../app/packages/contract/services";
import { environment, environmentNames } from "../../../../config";
import { colours } from "../../../../config/schema/release-state";
import { TargetGroups } from "../../../../constructs/aws/edge/target-groups";
import { targetGroupName } from "../../../../config/names";
import { resources, testStack } from "../../../support/template";

function groups(prefix = "shop") {
  const stack = testStack();
  new TargetGroups(stack, "Groups", { prefix, vpcId: "vpc-1", drainSeconds: 30 });
  return resources(stack, LbTargetGroup);
}

describe("TargetGroups", () => {
  test("has blue and green of each service on its port, and Grafana", () => {
    expect(groups().map(({ name, port }) => [name, port])).toEqual(
      expect.arrayContaining([
        ["shop-user-blue", 8081],
        ["shop-user-green", 8081],
        ["shop-mkt-blue", 8082],
        ["shop-mkt-green", 8082],
        ["shop-trd-blue", 8083],
        ["shop-trd-green", 8083],
        ["shop-monitor", 3000],
      ]),
    );
    expect(groups()).toHaveLength(7);
  });

  test("sends requests to pods over TLS, and only to those that are ready", () => {
    expect(groups().find(({ name }) => name === "shop-trd-blue")).toEqual({
      name: "shop-trd-blue",
      vpc_id: "vpc-1",
      port: 8083,
      protocol: "HTTPS",
      protocol_version: "HTTP1",
      target_type: "ip",
      deregistration_delay: "30",
      health_check: {
        path: "/actuator/health/readiness",
        port: "traffic-port",
        protocol: "HTTPS",
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 3,
      },
    });
  });

  test("has names that AWS takes, for the longest prefix that config allows", () => {
    const prefixes = [...environmentNames.map((name) => environment(name).prefix), "p".repeat(21)];
    const names = prefixes.flatMap((prefix) =>
      serviceKeys.flatMap((service) => colours.map((colour) => targetGroupName(prefix, service, colour))),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.length > 32)).toEqual([]);
  });

  test("refuses a longer prefix", () => {
    expect(() => groups("p".repeat(24))).toThrow("target group name");
  });
});
