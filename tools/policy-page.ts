import type { Rule } from "../policy/rule";
import { rules } from "../policy/rules";

/** docs/policy.md: every rule with what it asks and how to follow it. */
export function policyPage(): string {
  return `# Security rules

Every synthesis checks every stack against these rules; one broken rule stops it. \`npm run docs\` writes this page from
\`policy/rules\`.

- A rule is named for its [checkov](https://www.checkov.io) check, which refers to the CIS control where there is one;
  \`BIST\` rules are this project's own.
- An exception is made for one resource, with its reason, which stands in the synthesized output:
  \`noteOptOut(bucket, "CKV_AWS_18", { reason: "..." })\`. Where a construct offers an opt-out, the rule takes that too.
- A value that only Terraform computes is neither passed nor stopped. \`npm run checkov\` looks at the synthesized output
  a second time, from outside.

| rule | what holds | applies to | if it does not |
|---|---|---|---|
${rules.map(row).join("\n")}
`;
}

function row({ id, title, appliesTo, remedy }: Rule): string {
  const types = appliesTo.map(({ tfResourceType }) => `\`${tfResourceType ?? ""}\``).join(", ");
  return `| ${id} | ${title} | ${types} | ${remedy} |`;
}
