import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../../config";
import { CertificateAuthority } from "../certificates";
import type { Kubectl } from "../kubectl";
import { nodeEffects } from "../nodes";
import { PodDatabase, reportedDatabase } from "./database";
import { podNetwork } from "./network";
import { PodNode } from "./node";
import { scaleToOne } from "./scale";
import type { PodRuntime } from "./runtime";
import { StandIns } from "./stand-ins";

export interface RealPodsOptions {
  readonly runtime: PodRuntime;
  readonly kubectl: Kubectl;
  readonly environment: Environment;
  /** Address of the AWS emulator. */
  readonly endpoint: string;
  /** Folder of the control plane's certificates. */
  readonly certificates: string;
  /** Archive of the image that the environment's `trading.image` names. */
  readonly image: string;
}

/** The application's pods on this machine: a node of the group that they are placed on, and what they need to run. */
export class RealPods {
  private readonly node: PodNode;
  private readonly database: PodDatabase;

  /**
   * @param folder keeps images and the database; users that are not root must be able to enter the one above it
   * @param id part of its paths below /run, so that two of them do not share any
   */
  constructor(
    private readonly folder: string,
    id = "bist-trading-local",
  ) {
    this.node = new PodNode(join(folder, "node"), id);
    this.database = new PodDatabase(join(folder, "database"));
  }

  /**
   * Brings node and database up; each service has one pod, as one machine may hold. What is deployed then runs.
   *
   * @returns what has to run while Terraform waits for pods
   * @throws Error that says what does not start, or that the emulated RDS is where no pod reaches it
   */
  async start(options: RealPodsOptions): Promise<StandIns> {
    const { runtime, kubectl, environment, endpoint, certificates, image } = options;
    const database = await reportedDatabase(endpoint, environment, podNetwork.host);
    mkdirSync(this.folder, { recursive: true });
    // PostgreSQL runs as a user of its own, who has to get to its data.
    chmodSync(this.folder, 0o755);
    const { labels, taints } = environment.cluster.nodeGroups.application;
    await this.node.start({
      runtime,
      kubectl,
      certificates,
      labels: { ...labels, "topology.kubernetes.io/zone": environment.aws.availabilityZones[0] ?? "" },
      taints: taints.map(({ key, value, effect }) => ({ key, value, effect: nodeEffects[effect] })),
      images: [image],
    });
    await this.database.start(database, podNetwork.cidr);
    await scaleToOne(endpoint, environment);
    const authority = await CertificateAuthority.in(join(this.folder, "node", "certificates"));
    return new StandIns({ kubectl, environment, endpoint, authority });
  }

  /** Ends the pods and the database, and keeps the data. Returns whether any ran. */
  async stop(): Promise<boolean> {
    const node = await this.node.stop();
    return (await this.database.stop()) || node;
  }

  /** Forgets images and data, after `stop`. */
  erase(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
