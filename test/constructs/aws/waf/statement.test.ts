import { statementBlock } from "../../../../constructs/aws/waf/statement";
import type { Statement } from "../../../../constructs/aws/waf/statement";

const sets: Statement = { kind: "addresses", setArn: "arn:set" };

describe("statementBlock", () => {
  test("spells a rate limit with a narrower scope as Terraform does", () => {
    const block = statementBlock({
      kind: "rate",
      rate: {
        requests: 100,
        windowSeconds: 300,
        of: {
          kind: "text",
          text: { in: "path", text: "/api/auth/", position: "STARTS_WITH", after: ["URL_DECODE", "LOWERCASE"] },
        },
      },
    });
    expect(block).toEqual({
      rate_based_statement: {
        limit: 100,
        aggregate_key_type: "IP",
        evaluation_window_sec: 300,
        scope_down_statement: {
          byte_match_statement: {
            search_string: "/api/auth/",
            positional_constraint: "STARTS_WITH",
            field_to_match: { uri_path: {} },
            text_transformation: [
              { priority: 0, type: "URL_DECODE" },
              { priority: 1, type: "LOWERCASE" },
            ],
          },
        },
      },
    });
  });

  test("leaves the scope out when every request counts", () => {
    const block = statementBlock({ kind: "rate", rate: { requests: 2000, windowSeconds: 60 } });
    expect(block).toEqual({
      rate_based_statement: { limit: 2000, aggregate_key_type: "IP", evaluation_window_sec: 60 },
    });
  });

  test("counts single rules of a managed group", () => {
    const block = statementBlock({ kind: "managed", group: { name: "Group", counted: ["Noisy"] } });
    expect(block).toEqual({
      managed_rule_group_statement: {
        vendor_name: "AWS",
        name: "Group",
        rule_action_override: [{ name: "Noisy", action_to_use: { count: {} } }],
      },
    });
  });

  test("enforces all of a managed group otherwise", () => {
    const block = statementBlock({ kind: "managed", group: { name: "Group" } });
    expect(block).toEqual({ managed_rule_group_statement: { vendor_name: "AWS", name: "Group" } });
  });

  test("takes a body too long to inspect for a match", () => {
    const block = statementBlock({ kind: "size", size: { of: "body", is: "GT", bytes: 8192 } });
    expect(block).toEqual({
      size_constraint_statement: {
        comparison_operator: "GT",
        size: 8192,
        field_to_match: { body: { oversize_handling: "MATCH" } },
        text_transformation: [{ priority: 0, type: "NONE" }],
      },
    });
  });

  test("compares headers by their name in lower case, which AWS asks for", () => {
    const block = statementBlock({ kind: "size", size: { of: { header: "X-Colour" }, is: "GE", bytes: 0 } });
    expect(block).toMatchObject({
      size_constraint_statement: { field_to_match: { single_header: { name: "x-colour" } } },
    });
  });

  test.each(["and", "or"] as const)("joins statements by %s", (kind) => {
    const block = statementBlock({ kind, statements: [sets, { kind: "not", statement: sets }] });
    expect(block).toEqual({
      [`${kind}_statement`]: {
        statement: [
          { ip_set_reference_statement: { arn: "arn:set" } },
          { not_statement: { statement: [{ ip_set_reference_statement: { arn: "arn:set" } }] } },
        ],
      },
    });
  });
});
