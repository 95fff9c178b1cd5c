import { policyPage } from "../policy/page";

/** Pages of docs/ that are made from tables in the code, by their path. */
export const pages: Readonly<Record<string, () => string>> = {
  "docs/policy.md": policyPage,
};
