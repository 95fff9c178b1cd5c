import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { rule } from "../rule";

/** Pods do not reach the metadata of their node. CKV_AWS_341. */
export const nodeMetadataStaysOnNode = rule(LaunchTemplate, {
  id: "CKV_AWS_341",
  title: "Pods do not reach the metadata of their node",
  complies: (template) => template.metadataOptionsInput?.httpPutResponseHopLimit === 1,
  remedy: "set `metadataOptions: { httpPutResponseHopLimit: 1 }`; pods get their rights through Pod Identity",
});
