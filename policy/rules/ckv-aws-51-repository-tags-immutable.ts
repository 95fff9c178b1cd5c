import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { known, rule } from "../rule";

/** A tag of an image never moves. CKV_AWS_51. */
export const repositoryTagsImmutable = rule(EcrRepository, {
  id: "CKV_AWS_51",
  title: "A tag of an image never moves",
  complies: (repository) => known(repository.imageTagMutabilityInput) === "IMMUTABLE",
  remedy: "set `imageTagMutability` to IMMUTABLE",
});
