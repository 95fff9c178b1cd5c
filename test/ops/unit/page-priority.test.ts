import { join } from "node:path";
import { environmentNames } from "../../../config";
import { PAGE_PRIORITY } from "../../../ops/aws/load-balancer";
import { GoldenFolder } from "../../support/golden";

const golden = new GoldenFolder(join(__dirname, "../../stacks/golden"));

interface Rule {
  readonly priority: number;
  readonly condition: readonly { readonly http_header?: unknown; readonly host_header?: unknown }[];
}

test.each(environmentNames)("the operators' page of %s lets in who names a colour, and nobody else", (environment) => {
  const { resource } = golden.read(`${environment}-edge`) as unknown as { resource: { aws_lb_listener_rule: object } };
  const rules = Object.values(resource.aws_lb_listener_rule) as Rule[];
  const byHeader = rules.filter(({ condition }) => condition.some(({ http_header }) => http_header !== undefined));
  const others = rules.filter((rule) => !byHeader.includes(rule) && rule.condition.some((one) => one.host_header));
  expect(byHeader.length).toBeGreaterThan(0);
  expect(others.length).toBeGreaterThan(0);
  expect(byHeader.filter(({ priority }) => priority >= PAGE_PRIORITY)).toEqual([]);
  expect(others.filter(({ priority }) => priority <= PAGE_PRIORITY)).toEqual([]);
});
