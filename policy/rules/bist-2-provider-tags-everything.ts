import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { known, rule } from "../rule";

const required = ["Environment", "Project", "ManagedBy", "Stack"];

/** Every provider tags what it makes with its environment, project, tool and stack. BIST_2. */
export const providerTagsEverything = rule(AwsProvider, {
  id: "BIST_2",
  title: "Every provider tags what it makes",
  complies: ({ defaultTagsInput }) => {
    const tags = (known(defaultTagsInput) ?? []).flatMap((defaults) => Object.keys(defaults.tags ?? {}));
    return required.every((tag) => tags.includes(tag));
  },
  remedy: `give the provider default tags ${required.join(", ")}`,
});
