import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { App } from "cdktf";
import type { Environment } from "../config";
import { PlatformStack } from "./platform-stack";

/** What every other stack is placed in. */
export interface NetworkOutputs {
  readonly vpcId: string;
}

export class NetworkStack extends PlatformStack {
  readonly outputs: NetworkOutputs;

  constructor(app: App, environment: Environment) {
    super(app, environment, "network");
    const vpc = new Vpc(this, "Vpc", { cidrBlock: environment.network.cidr });
    this.outputs = this.share({ vpcId: vpc.id });
  }
}
