"""VPC endpoints: security groups, private DNS and policy."""

import re
from typing import Any

from ministack.services import ec2

from .registry import Handler, Patch
from .wire import Params, Response, append, element, elements, numbered, value

vpc_endpoint = Patch(
    "ec2.vpc-endpoint",
    resource="aws_vpc_endpoint",
    symptom="security groups, private DNS and policy lost, set again by every plan",
)

DEFAULT_POLICY = (
    '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
)


@vpc_endpoint.replaces(ec2._ACTION_MAP, "CreateVpcEndpoint")
def create(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    found = re.search(r"<vpcEndpointId>(.*?)</vpcEndpointId>", response[2].decode())
    if found is None:
        return response
    endpoint = ec2._vpc_endpoints[found[1]]
    interface = endpoint["VpcEndpointType"] == "Interface"
    endpoint["SecurityGroupIds"] = numbered(p, "SecurityGroupId")
    endpoint["PrivateDnsEnabled"] = value(p, "PrivateDnsEnabled", "true" if interface else "false")
    if policy := value(p, "PolicyDocument"):
        endpoint["PolicyDocument"] = policy
    return ec2._xml(200, "CreateVpcEndpointResponse", ec2._vpce_fields_xml(endpoint, tag="vpcEndpoint"))


@vpc_endpoint.replaces(ec2._ACTION_MAP, "ModifyVpcEndpoint")
def modify(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    endpoint = ec2._vpc_endpoints.get(value(p, "VpcEndpointId"))
    if endpoint is None:
        return response
    gone = numbered(p, "RemoveSecurityGroupId")
    kept = [group for group in endpoint["SecurityGroupIds"] if group not in gone]
    endpoint["SecurityGroupIds"] = [*kept, *(one for one in numbered(p, "AddSecurityGroupId") if one not in kept)]
    if enabled := value(p, "PrivateDnsEnabled"):
        endpoint["PrivateDnsEnabled"] = enabled
    if value(p, "ResetPolicy") == "true":
        endpoint.pop("PolicyDocument", None)
    return response


@vpc_endpoint.replaces(ec2, "_vpce_fields_xml")
def fields_xml(original: Handler, ep: dict[str, Any], tag: str = "item") -> str:
    groups = "".join(f"<item>{element('groupId', group)}</item>" for group in ep.get("SecurityGroupIds", []))
    details = f"<groupSet>{groups}</groupSet>" + elements(
        {
            "policyDocument": ep.get("PolicyDocument", DEFAULT_POLICY),
            "privateDnsEnabled": ep.get("PrivateDnsEnabled", "false"),
        }
    )
    if ep["VpcEndpointType"] == "Interface":
        details += "<ipAddressType>ipv4</ipAddressType><dnsOptions><dnsRecordIpType>ipv4</dnsRecordIpType></dnsOptions>"
    return append(original(ep, tag), details)
