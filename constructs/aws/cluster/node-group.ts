import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { isGraviton } from "../../../config/schema/cluster";
import type { NodeGroupSettings } from "../../../config/schema/cluster";
import type { Cluster } from "./cluster";

export interface NodeGroupProps {
  readonly settings: NodeGroupSettings;
  /** What runs on the nodes, for example `application`. */
  readonly purpose: string;
  readonly cluster: Cluster;
  /** Private subnets. */
  readonly subnets: readonly string[];
  /** Of the firewall; EKS's own group is added. */
  readonly securityGroup: string;
  readonly roleArn: string;
  /** ARN of the key that encrypts root volumes. */
  readonly diskKeyArn: string;
  /** Of instances and volumes, which the provider's default tags do not reach. */
  readonly tags: Readonly<Record<string, string>>;
  /** What a node needs in order to join: its role's rights, and the add-ons that give it an address. */
  readonly after: readonly ITerraformDependable[];
}

/** Managed nodes of one kind on Amazon Linux 2023, replaced a third at a time when they change. */
export class NodeGroup extends Construct {
  readonly resource: EksNodeGroup;

  constructor(scope: Construct, id: string, props: NodeGroupProps) {
    super(scope, id);
    const { cluster, settings } = props;
    const template = this.launchTemplate(props);
    this.resource = new EksNodeGroup(this, "Resource", {
      clusterName: cluster.name,
      // A prefix, since what cannot change in place is replaced, successor first.
      nodeGroupNamePrefix: `${props.purpose}-`,
      nodeRoleArn: props.roleArn,
      subnetIds: [...props.subnets],
      version: cluster.version,
      amiType: settings.instanceTypes.some(isGraviton) ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: [...settings.instanceTypes],
      labels: { ...settings.labels },
      taint: [...(settings.taints ?? [])],
      scalingConfig: { minSize: settings.minSize, desiredSize: settings.desiredSize, maxSize: settings.maxSize },
      launchTemplate: { id: template.id, version: template.getStringAttribute("latest_version") },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
      lifecycle: {
        createBeforeDestroy: true,
        // After creation the number of nodes is the autoscaler's.
        ignoreChanges: ["scaling_config[0].desired_size"],
      },
      dependsOn: [...props.after],
    });
  }

  private launchTemplate({
    purpose,
    cluster,
    securityGroup,
    settings,
    diskKeyArn,
    tags,
  }: NodeGroupProps): LaunchTemplate {
    const named = { ...tags, Name: `${cluster.name}-${purpose}` };
    return new LaunchTemplate(this, "LaunchTemplate", {
      namePrefix: `${purpose}-`,
      description: `Nodes of the group ${purpose}`,
      updateDefaultVersion: true,
      vpcSecurityGroupIds: [securityGroup, cluster.securityGroup],
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        // One hop ends on the node: a pod with an address of its own cannot borrow the node's role.
        httpPutResponseHopLimit: 1,
        instanceMetadataTags: "disabled",
      },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize: settings.diskGiB,
            encrypted: "true",
            kmsKeyId: diskKeyArn,
            deleteOnTermination: "true",
          },
        },
      ],
      monitoring: { enabled: true },
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: named,
      })),
      lifecycle: { createBeforeDestroy: true },
    });
  }
}
