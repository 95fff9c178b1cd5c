import { DescribeUpdateCommand, ListNodegroupsCommand, UpdateNodegroupVersionCommand } from "@aws-sdk/client-eks";
import type { EKSClient } from "@aws-sdk/client-eks";

/** An update that EKS carries out. */
export interface NodeUpdate {
  readonly nodeGroup: string;
  readonly id: string;
}

/** The machines that pods run on. */
export class NodeGroups {
  constructor(
    private readonly client: EKSClient,
    private readonly cluster: string,
  ) {}

  async names(): Promise<readonly string[]> {
    const { nodegroups = [] } = await this.client.send(new ListNodegroupsCommand({ clusterName: this.cluster }));
    return nodegroups;
  }

  /**
   * Has EKS replace a group's machines, a few at a time, by ones of the newest image of their Kubernetes version.
   *
   * @param token the same one a second time is the same update
   */
  async patch(nodeGroup: string, token: string): Promise<NodeUpdate> {
    const { update } = await this.client.send(
      new UpdateNodegroupVersionCommand({
        clusterName: this.cluster,
        nodegroupName: nodeGroup,
        clientRequestToken: `${token}-${nodeGroup}`,
      }),
    );
    return { nodeGroup, id: update?.id ?? "" };
  }

  /** @returns whether it is over @throws Error with what EKS says when it failed */
  async isOver({ nodeGroup, id }: NodeUpdate): Promise<boolean> {
    const { update } = await this.client.send(
      new DescribeUpdateCommand({ name: this.cluster, nodegroupName: nodeGroup, updateId: id }),
    );
    if (update?.status === "Successful") return true;
    if (update?.status === "InProgress") return false;
    const why = update?.errors?.map(({ errorMessage = "" }) => errorMessage).join("; ") ?? "";
    throw new Error(`the update of the node group ${nodeGroup} is ${update?.status ?? "gone"}: ${why}`);
  }
}
