import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { known, rule } from "../rule";

/** Every image is scanned when it is pushed. CKV_AWS_163. */
export const repositoryScanned = rule(EcrRepository, {
  id: "CKV_AWS_163",
  title: "Every image is scanned when it is pushed",
  complies: (repository) => known(repository.imageScanningConfigurationInput?.scanOnPush) === true,
  remedy: "set `imageScanningConfiguration: { scanOnPush: true }`",
});
