import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { known, rule } from "../rule";

/** Every HTTPS listener refuses TLS below 1.2. CKV_AWS_103. */
export const listenerTlsPolicyModern = rule(LbListener, {
  id: "CKV_AWS_103",
  title: "Every HTTPS listener refuses TLS below 1.2",
  complies: (listener) =>
    known(listener.protocolInput) !== "HTTPS" ||
    /-TLS13-1-[23]-|-FS-1-2-|-TLS-1-2-/.test(known(listener.sslPolicyInput) ?? ""),
  remedy: "use a TLS 1.2 or 1.3 policy in `edge.tlsPolicy`",
});
