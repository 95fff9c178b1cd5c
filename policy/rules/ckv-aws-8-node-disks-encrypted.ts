import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { known, rule } from "../rule";

/** Every disk of a node is encrypted. CKV_AWS_8. */
export const nodeDisksEncrypted = rule(LaunchTemplate, {
  id: "CKV_AWS_8",
  title: "Every disk of a node is encrypted",
  complies: (template) => {
    const disks = known(template.blockDeviceMappingsInput) ?? [];
    return disks.length > 0 && disks.every(({ ebs }) => String(known(ebs?.encrypted)) === "true");
  },
  remedy: 'give every block device mapping `ebs: { encrypted: "true" }`',
});
