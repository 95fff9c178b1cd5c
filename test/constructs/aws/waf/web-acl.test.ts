import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import { addressRules, contentRules } from "../../../../constructs/aws/waf/protections";
import { webAclRules } from "../../../../constructs/aws/waf/rule";
import { WebAcl } from "../../../../constructs/aws/waf/web-acl";
import { only, testStack } from "../../../support/template";

const byAddress = addressRules({
  requestsPerFiveMinutes: 2000,
  administratorsArn: "arn:administrators",
  monitorHost: "monitor.test",
  colourHeader: "x-colour",
});

interface Written {
  readonly name: string;
  readonly priority: number;
  readonly action?: unknown;
  readonly override_action?: unknown;
  readonly statement: Record<string, unknown>;
}

function acl() {
  const stack = testStack();
  new WebAcl(stack, "Acl", {
    name: "shop",
    scope: "REGIONAL",
    account: { accountId: "111122223333", region: "us-east-1" },
    rules: [...byAddress, ...contentRules],
    logRetentionDays: 30,
    protection: true,
  });
  return stack;
}

const rules = () => only(acl(), Wafv2WebAcl)["rule"] as Written[];
const rule = (name: string) => rules().find((found) => found.name === name);

describe("WebAcl", () => {
  test("writes every key of every rule as Terraform spells it", () => {
    const keys = new Set<string>();
    JSON.stringify(rules(), (key, value: unknown) => {
      if (Number.isNaN(Number(key))) keys.add(key);
      return value;
    });
    expect([...keys].filter((key) => !/^[a-z_]*$/.test(key))).toEqual([]);
  });

  test("asks its rules in the order given, each with a priority of its own", () => {
    expect(rules().map(({ name, priority }) => [priority, name])).toEqual([
      [0, "AdministratorsRule"],
      [1, "RateLimitRule"],
      [2, "SignInRateLimitRule"],
      [3, "IpReputationRule"],
      [4, "ActuatorRule"],
      [5, "BodySizeRule"],
      [6, "KnownBadInputsRule"],
      [7, "CommonRule"],
      [8, "SQLInjectionRule"],
    ]);
  });

  test("has the guide's two rules: 2000 requests an address in five minutes, and SQL injection", () => {
    expect(rule("RateLimitRule")).toMatchObject({
      action: { block: { custom_response: { response_code: 429 } } },
      statement: { rate_based_statement: { limit: 2000, aggregate_key_type: "IP", evaluation_window_sec: 300 } },
    });
    expect(rule("SQLInjectionRule")).toMatchObject({
      statement: { managed_rule_group_statement: { vendor_name: "AWS", name: "AWSManagedRulesSQLiRuleSet" } },
    });
  });

  test("gives managed groups an override, never an action, which AWS refuses", () => {
    for (const { action, override_action, statement } of rules()) {
      const isManaged = "managed_rule_group_statement" in statement;
      expect([action !== undefined, override_action !== undefined]).toEqual([!isManaged, isManaged]);
    }
  });

  test("turns all but the administrators away from the monitor host and from either colour", () => {
    expect(rule("AdministratorsRule")).toMatchObject({
      action: { block: {} },
      statement: {
        and_statement: {
          statement: [
            {
              or_statement: {
                statement: [
                  {
                    byte_match_statement: {
                      search_string: "monitor.test",
                      field_to_match: { single_header: { name: "host" } },
                    },
                  },
                  { size_constraint_statement: { field_to_match: { single_header: { name: "x-colour" } } } },
                ],
              },
            },
            { not_statement: { statement: [{ ip_set_reference_statement: { arn: "arn:administrators" } }] } },
          ],
        },
      },
    });
  });

  test("finds /actuator behind encodings, doubled ones too, and answers that nothing is there", () => {
    expect(rule("ActuatorRule")).toMatchObject({
      action: { block: { custom_response: { response_code: 404 } } },
      statement: {
        byte_match_statement: {
          search_string: "/actuator",
          positional_constraint: "CONTAINS",
          text_transformation: [
            { type: "URL_DECODE" },
            { type: "URL_DECODE" },
            { type: "NORMALIZE_PATH" },
            { type: "LOWERCASE" },
          ],
        },
      },
    });
  });

  test("answers a body that it cannot look into whole with 413, in place of the common set's own rule", () => {
    expect(rule("BodySizeRule")).toMatchObject({ action: { block: { custom_response: { response_code: 413 } } } });
    expect(rule("CommonRule")).toMatchObject({
      statement: {
        managed_rule_group_statement: {
          rule_action_override: [{ name: "SizeRestrictions_BODY" }, { name: "NoUserAgent_HEADER" }],
        },
      },
    });
  });

  test("refuses two rules of one name", () => {
    expect(() => webAclRules([...contentRules, ...contentRules])).toThrow('web ACL rule "ActuatorRule" stands twice');
  });

  test("logs what it blocks or counts, without credentials, to a group of the name that AWS asks for", () => {
    const stack = acl();
    expect(only(stack, CloudwatchLogGroup)).toMatchObject({ name: "aws-waf-logs-shop", retention_in_days: 30 });
    expect(only(stack, Wafv2WebAclLoggingConfiguration)).toMatchObject({
      redacted_fields: [
        { single_header: { name: "authorization" } },
        { single_header: { name: "cookie" } },
        { single_header: { name: "sec-websocket-protocol" } },
      ],
      logging_filter: {
        default_behavior: "DROP",
        filter: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            condition: [{ action_condition: { action: "BLOCK" } }, { action_condition: { action: "COUNT" } }],
          },
        ],
      },
    });
  });
});
