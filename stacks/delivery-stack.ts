import type { App } from "cdktf";
import type { Environment } from "../config";
import { DeployRole } from "../constructs/aws/delivery/deploy-role";
import { GithubTrust } from "../constructs/aws/delivery/github-trust";
import { PlanRole } from "../constructs/aws/delivery/plan-role";
import { StateBucket } from "../constructs/aws/delivery/state-bucket";
import { WorkloadBoundary } from "../constructs/aws/delivery/workload-boundary";
import { deliveryRoles } from "../config/names";
import { stateBucketName } from "../config/names";
import { ImageRepository } from "../constructs/aws/image/image-repository";
import { EnvironmentStack } from "./environment-stack";

/** What the workflows of the repository work with. */
export interface DeliveryOutputs {
  readonly imageRepositoryUrl: string;
  readonly imageRepositoryArn: string;
  readonly deployRoleArn: string;
  readonly planRoleArn: string;
  /** Name of the bucket. */
  readonly stateBucket: string;
}

/** How changes reach the account. Applied by an administrator: the deploy role cannot change the ground it stands on. */
export class DeliveryStack extends EnvironmentStack {
  readonly outputs: DeliveryOutputs;

  constructor(app: App, environment: Environment) {
    super(app, environment, "delivery");
    const { aws: account, cache, cluster, database, delivery, prefix, protectData: protection } = environment;
    const names = deliveryRoles(prefix);

    const state = new StateBucket(this, "State", {
      bucketName: stateBucketName(environment),
      prefix,
      account,
      protection,
    });
    const images = new ImageRepository(this, "Images", {
      name: delivery.image.repository,
      prefix,
      account,
      keep: delivery.image.keep,
      protection,
    });
    const boundary = new WorkloadBoundary(this, "WorkloadBoundary", { prefix, account, stateBucketArn: state.arn });
    const github = new GithubTrust(this, "Github", delivery.github);
    const plan = new PlanRole(this, "PlanRole", { name: names.plan, github, state });
    const deploy = new DeployRole(this, "DeployRole", {
      name: names.deploy,
      prefix,
      account,
      roleNames: [...new Set([prefix, cluster.name, database.identifier, cache.identifier])],
      github,
      githubEnvironment: delivery.github.environment,
      deployers: delivery.deployers,
      state,
      imageRepositoryArn: images.arn,
      boundaryArn: boundary.arn,
      otherRoles: [names.plan],
    });

    this.outputs = this.share({
      imageRepositoryUrl: images.url,
      imageRepositoryArn: images.arn,
      deployRoleArn: deploy.arn,
      planRoleArn: plan.arn,
      stateBucket: state.bucketName,
    });
  }
}
