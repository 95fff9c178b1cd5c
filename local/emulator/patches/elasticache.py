"""Replication groups, their parameter groups and users: what was asked for, and no defaults as drift."""

import re
from typing import Any

from ministack.services import elasticache

from .registry import Handler, Patch
from .wire import Params, Response, elements, numbered, rewrite, value

replication_group = Patch(
    "elasticache.replication-group",
    resource="aws_elasticache_replication_group",
    symptom="KMS key and minor upgrades lost: replaced by every plan; changes of windows and groups ignored",
)
parameters = Patch(
    "elasticache.parameters",
    resource="aws_elasticache_parameter_group",
    symptom="the family's defaults come back as parameters of the group",
)
user = Patch(
    "elasticache.user",
    resource="aws_elasticache_user",
    symptom="authentication type is always password or none",
)

# What CreateUser calls it, and what DescribeUsers calls it.
AUTHENTICATION_TYPES = {"no-password-required": "no-password", "password": "password", "iam": "iam"}


@replication_group.replaces(elasticache, "_create_replication_group")
def create_group(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if response[0] == 200:
        elasticache._replication_groups[value(p, "ReplicationGroupId")]["KmsKeyId"] = value(p, "KmsKeyId")
    return response


@replication_group.replaces(elasticache, "_modify_replication_group")
def modify_group(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if response[0] != 200:
        return response
    group = elasticache._replication_groups[value(p, "ReplicationGroupId")]
    members = [elasticache._clusters[id] for id in group["MemberClusters"]]
    for record in (group, *members):
        _apply_changes(record, p)
    return response


def _apply_changes(record: dict[str, Any], p: Params) -> None:
    """What the emulator keeps twice: in the group, and in each of its clusters."""
    for name in ("PreferredMaintenanceWindow", "SnapshotWindow", "EngineVersion", "CacheNodeType"):
        if changed := value(p, name):
            record[name] = changed
    if retention := value(p, "SnapshotRetentionLimit"):
        record["SnapshotRetentionLimit"] = int(retention)
    if upgrade := value(p, "AutoMinorVersionUpgrade"):
        record["AutoMinorVersionUpgrade"] = upgrade == "true"
    if groups := elasticache._extract_configs(p, "SecurityGroupIds", ("SecurityGroupId", "member")):
        record["SecurityGroups"] = [{"SecurityGroupId": group, "Status": "active"} for group in groups]


@replication_group.replaces(elasticache, "_rg_xml")
def group_xml(original: Handler, rg: dict[str, Any]) -> str:
    return original(rg) + elements({"KmsKeyId": rg.get("KmsKeyId")})


@replication_group.replaces(elasticache, "_cluster_xml_inner")
def cluster_xml(original: Handler, c: dict[str, Any]) -> str:
    return original(c) + elements({"AutoMinorVersionUpgrade": c.get("AutoMinorVersionUpgrade", True)})


@parameters.replaces(elasticache, "_describe_cache_parameters")
def describe_parameters(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    source = value(p, "Source")
    if not source:
        return response

    def of_source(parameter: re.Match[str]) -> str:
        return parameter[0] if f"<Source>{source}</Source>" in parameter[0] else ""

    return rewrite(
        response, lambda body: re.sub(r"<Parameter>.*?</Parameter>", of_source, body, flags=re.DOTALL)
    )


@user.replaces(elasticache, "_create_user")
def create_user(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    return _authenticated(response, p, "CreateUser")


@user.replaces(elasticache, "_modify_user")
def modify_user(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    return _authenticated(response, p, "ModifyUser")


def _authenticated(response: Response, p: Params, action: str) -> Response:
    mode = value(p, "AuthenticationMode.Type")
    if response[0] != 200 or not mode:
        return response
    record = elasticache._users[value(p, "UserId")]
    record["Authentication"] = {
        "Type": AUTHENTICATION_TYPES[mode],
        "PasswordCount": len(numbered(p, "AuthenticationMode.Passwords.member")),
    }
    xml = elasticache._user_xml(record)
    return elasticache._xml(200, f"{action}Response", f"<{action}Result>{xml}</{action}Result>")
