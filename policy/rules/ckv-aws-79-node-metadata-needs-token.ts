import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { rule } from "../rule";

/** Nodes answer metadata requests with a session token only (IMDSv2). CKV_AWS_79. */
export const nodeMetadataNeedsToken = rule(LaunchTemplate, {
  id: "CKV_AWS_79",
  title: "Nodes answer metadata requests with a session token only (IMDSv2)",
  complies: (template) => template.metadataOptionsInput?.httpTokens === "required",
  remedy: 'set `metadataOptions: { httpTokens: "required" }`',
});
