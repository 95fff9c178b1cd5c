import { environment, environmentNames } from "../../config";
import { EdgeStack } from "../../stacks/edge-stack";
import { anyNetwork } from "../support/any-network";
import { synthesize, testApp } from "../support/template";

describe("EdgeStack", () => {
  test("shares what the application and its releases need, by names that do not change", () => {
    const stack = new EdgeStack(testApp(), environment("production"), anyNetwork);
    expect(Object.keys(synthesize(stack).output ?? {}).sort()).toEqual([
      "certificate_arn",
      "listener_arn",
      "load_balancer_arn",
      "load_balancer_dns_name",
      "load_balancer_security_group",
      "load_balancer_zone_id",
      "monitor_target_group",
      "name_servers",
      "release_parameter",
      "target_groups_broker_integration_blue",
      "target_groups_broker_integration_green",
      "target_groups_market_data_blue",
      "target_groups_market_data_green",
      "target_groups_user_management_blue",
      "target_groups_user_management_green",
      "zone_id",
    ]);
  });

  test.each(environmentNames)("takes the configuration of %s, with CloudFront and in maintenance too", (name) => {
    const config = environment(name);
    const edge = { ...config.edge, cloudFront: true, maintenance: true };
    expect(() => synthesize(new EdgeStack(testApp(), { ...config, edge }, anyNetwork))).not.toThrow();
  });
});
