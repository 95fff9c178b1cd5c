"""Security group rules: prefix lists as their peer, and tags of the rule that a group starts with."""

import re
from typing import Any

from ministack.services import ec2

from .registry import Handler, Patch
from .wire import Params, Response, append, element, value

prefix_list = Patch(
    "ec2.rule-prefix-list",
    resource="aws_vpc_security_group_ingress_rule",
    symptom="Provider produced invalid plan: the prefix list is not stored",
)
rule_tags = Patch(
    "ec2.rule-tags",
    resource="aws_vpc_security_group_egress_rule",
    symptom="tags lost on create, added again by every plan",
)


@prefix_list.replaces(ec2, "_parse_ip_permissions")
def parse_permissions(original: Handler, params: Params, prefix: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = original(params, prefix)
    for number, rule in enumerate(rules, 1):
        peers = f"{prefix}.{number}.PrefixListIds"
        while prefix_list_id := value(params, f"{peers}.{len(rule['PrefixListIds']) + 1}.PrefixListId"):
            peer = {"PrefixListId": prefix_list_id}
            if description := value(params, f"{peers}.{len(rule['PrefixListIds']) + 1}.Description"):
                peer["Description"] = description
            rule["PrefixListIds"].append(peer)
    return rules


@prefix_list.replaces(ec2, "_sg_rule_xml")
def rule_xml(original: Handler, sg_id: str, rule: dict[str, Any], is_egress: bool = False) -> str:
    xml: str = original(sg_id, rule, is_egress=is_egress)
    if rule.get("IpRanges") or rule.get("Ipv6Ranges") or rule.get("UserIdGroupPairs"):
        return xml
    # Terraform's rules have one peer each, so there is one item to complete.
    return append(xml, "".join(element("prefixListId", peer["PrefixListId"]) for peer in rule["PrefixListIds"][:1]))


@rule_tags.replaces(ec2._ACTION_MAP, "AuthorizeSecurityGroupEgress")
def authorize_egress(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if tags := ec2._sg_rule_tag_specifications(p):
        # A new group has the rule "everything to everywhere" already: declaring it again must still tag it.
        for rule_id in re.findall(r"<securityGroupRuleId>(.*?)</securityGroupRuleId>", response[2].decode()):
            ec2._tags[rule_id] = list(tags)
    return response
