"""Network ACLs: ports of their entries, and which subnet belongs to which."""

import hashlib
from typing import Any

from ministack.services import ec2

from .registry import Handler, Patch
from .wire import Params, Response, append, numbered, tree, value

network_acl = Patch(
    "ec2.network-acl",
    resource="aws_network_acl",
    symptom="too many results: wanted 1, got 3; ports of the entries lost",
)


@network_acl.replaces(ec2._ACTION_MAP, "CreateNetworkAclEntry")
def create_entry(original: Handler, params: Params) -> Response:
    return _with_ports(original, params)


@network_acl.replaces(ec2._ACTION_MAP, "ReplaceNetworkAclEntry")
def replace_entry(original: Handler, params: Params) -> Response:
    return _with_ports(original, params)


def _with_ports(original: Handler, params: Params) -> Response:
    response: Response = original(params)
    acl = ec2._network_acls.get(value(params, "NetworkAclId"))
    if acl is not None:
        # Both actions put the entry last.
        acl["Entries"][-1]["Ports"] = _ports(params)
    return response


def _ports(params: Params) -> dict[str, dict[str, str]]:
    ports = {"from": value(params, "PortRange.From"), "to": value(params, "PortRange.To")}
    icmp = {"type": value(params, "Icmp.Type"), "code": value(params, "Icmp.Code")}
    return {name: bounds for name, bounds in (("portRange", ports), ("icmpTypeCode", icmp)) if any(bounds.values())}


@network_acl.replaces(ec2, "_network_acl_entry_xml")
def entry_xml(original: Handler, entry: dict[str, Any]) -> str:
    return append(original(entry), tree(entry.get("Ports", {})))


@network_acl.replaces(ec2._ACTION_MAP, "DescribeNetworkAcls")
def describe(original: Handler, params: Params) -> Response:
    _associate_with_defaults()
    filters = ec2._parse_filters(params)
    subnets = filters.get("association.subnet-id")
    associations = filters.get("association.association-id")
    if not subnets and not associations:
        return original(params)
    asked = numbered(params, "NetworkAclId")
    ids = [
        acl["NetworkAclId"]
        for acl in ec2._network_acls.values()
        if (not asked or acl["NetworkAclId"] in asked)
        and (not subnets or any(one["SubnetId"] in subnets for one in acl["Associations"]))
        and (not associations or any(one["NetworkAclAssociationId"] in associations for one in acl["Associations"]))
    ]
    if not ids:
        return ec2._xml(200, "DescribeNetworkAclsResponse", "<networkAclSet/>")
    return original({**params, **{f"NetworkAclId.{index}": [id] for index, id in enumerate(ids, 1)}})


@network_acl.replaces(ec2._ACTION_MAP, "ReplaceNetworkAclAssociation")
def replace_association(original: Handler, params: Params) -> Response:
    _associate_with_defaults()
    old = value(params, "AssociationId")
    subnet = next(
        (
            one["SubnetId"]
            for acl in ec2._network_acls.values()
            for one in acl["Associations"]
            if one["NetworkAclAssociationId"] == old
        ),
        None,
    )
    if subnet is None:
        return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{old}' does not exist", 400)
    response: Response = original(params)
    if response[0] == 200:
        # The emulator moves the association, but forgets of which subnet.
        ec2._network_acls[value(params, "NetworkAclId")]["Associations"][-1]["SubnetId"] = subnet
    return response


def _associate_with_defaults() -> None:
    """Every subnet without an ACL of its own belongs to its VPC's default one, as in AWS."""
    acls = list(ec2._network_acls.values())
    for acl in acls:
        acl["Associations"] = [one for one in acl["Associations"] if one["SubnetId"] in ec2._subnets]
    associated = {one["SubnetId"] for acl in acls for one in acl["Associations"]}
    defaults = {acl["VpcId"]: acl for acl in acls if acl.get("IsDefault")}
    for subnet_id, subnet in ec2._subnets.items():
        default = defaults.get(subnet["VpcId"])
        if default is not None and subnet_id not in associated:
            digest = hashlib.sha1(subnet_id.encode()).hexdigest()[:17]
            default["Associations"].append({"NetworkAclAssociationId": f"aclassoc-{digest}", "SubnetId": subnet_id})
