import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { relatedResources } from "../related-resources";
import { rule } from "../rule";

/** Every VPC records its traffic. CKV2_AWS_11. */
export const vpcFlowLogged = rule(Vpc, {
  id: "CKV2_AWS_11",
  title: "Every VPC records its traffic",
  complies: (vpc, stack) =>
    relatedResources(vpc, stack, FlowLog, ({ vpcIdInput }) => vpcIdInput).some(
      ({ trafficTypeInput }) => trafficTypeInput === "ALL",
    ),
  remedy: "add a flow log of traffic type ALL",
});
