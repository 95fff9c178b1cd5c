import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { known, rule } from "../rule";

/** A listener without TLS does nothing but redirect to HTTPS. CKV_AWS_2. */
export const listenerHttpRedirects = rule(LbListener, {
  id: "CKV_AWS_2",
  title: "A listener without TLS does nothing but redirect to HTTPS",
  complies: (listener) =>
    known(listener.protocolInput) !== "HTTP" ||
    known(listener.defaultActionInput)?.every(
      ({ type, redirect }) => type === "redirect" && redirect?.protocol === "HTTPS",
    ) === true,
  remedy: "redirect to HTTPS with status 301",
});
