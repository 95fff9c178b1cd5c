import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { known, rule } from "../rule";

/** Messages leave a topic encrypted. BIST_3. */
export const subscriptionsUseTls = rule(SnsTopicSubscription, {
  id: "BIST_3",
  title: "Messages leave a topic encrypted",
  complies: ({ protocolInput }) => known(protocolInput) !== "http",
  remedy: "subscribe an endpoint that starts with https://",
});
