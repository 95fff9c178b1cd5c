import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { rule } from "../rule";

/** Every distribution refuses TLS below 1.2. CKV_AWS_174. */
export const distributionTlsPolicyModern = rule(CloudfrontDistribution, {
  id: "CKV_AWS_174",
  title: "Every distribution refuses TLS below 1.2",
  complies: ({ viewerCertificateInput }) => /^TLSv1\.[23]_/.test(viewerCertificateInput?.minimumProtocolVersion ?? ""),
  remedy: "set `viewerCertificate.minimumProtocolVersion` to TLSv1.2_2021 or later",
});
