"""Clusters, node groups and add-ons: what was asked for, updates, and stable addresses."""

import json
import re
import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import ec2, eks

from .registry import Handler, Patch
from .wire import Params, Response

Body = dict[str, Any]

cluster = Patch(
    "eks.cluster",
    resource="aws_eks_cluster",
    symptom="upgrade policy, zonal shift and VPC lost; no route for update-config; issuer is http",
)
cluster_address = Patch(
    "eks.cluster-address",
    resource="aws_eks_cluster",
    symptom="a cluster that is created again reports another port than before",
)
node_group = Patch(
    "eks.node-group",
    resource="aws_eks_node_group",
    symptom="launch template and update settings not returned: replaced by every plan; no route for updates",
)
addon = Patch(
    "eks.addon-pod-identity",
    resource="aws_eks_addon",
    symptom="expected String, got map: associations come back as they were sent",
)

_updates = AccountRegionScopedDict()


@cluster.replaces(eks, "_issuer_url")
def issuer_url(_original: Handler, oidc_id: str) -> str:
    return f"https://oidc.eks.{eks.get_region()}.amazonaws.com/id/{oidc_id}"


@cluster.replaces(eks, "_create_cluster")
def create_cluster(original: Handler, body: Body, creator_arn: str | None = None) -> Response:
    response: Response = original(body, creator_arn)
    if response[0] != 200:
        return response
    record = eks._clusters[body["name"]]
    record["upgradePolicy"] = body.get("upgradePolicy", {"supportType": "EXTENDED"})
    record["bootstrapSelfManagedAddons"] = body.get("bootstrapSelfManagedAddons", True)
    if "zonalShiftConfig" in body:
        record["zonalShiftConfig"] = body["zonalShiftConfig"]
    network = record["resourcesVpcConfig"]
    network["vpcId"] = next(
        (ec2._subnets[id]["VpcId"] for id in network["subnetIds"] if id in ec2._subnets), network["vpcId"]
    )
    return response


@cluster_address.replaces(eks, "_next_port")
def next_port(_original: Handler) -> int:
    """The lowest port that no cluster has, so that the first cluster always is where its API server is expected."""
    taken = {record["_port"] for record in eks._clusters.values()}
    return next(port for port in range(eks.EKS_BASE_PORT, 65536) if port not in taken)


@node_group.replaces(eks, "_create_nodegroup")
def create_node_group(original: Handler, cluster_name: str, body: Body) -> Response:
    response: Response = original(cluster_name, body)
    if response[0] != 200:
        return response
    record = eks._nodegroups[f"{cluster_name}/{body['nodegroupName']}"]
    record["updateConfig"] = body.get("updateConfig", {"maxUnavailable": 1})
    if "nodeRepairConfig" in body:
        record["nodeRepairConfig"] = body["nodeRepairConfig"]
    if "launchTemplate" in body:
        record["launchTemplate"] = {"version": "1", **body["launchTemplate"]}
        record["resources"].pop("remoteAccessSecurityGroup")
        if "diskSize" not in body:
            record.pop("diskSize")
    return eks._json_resp(200, {"nodegroup": record})


@addon.replaces(eks, "_create_addon")
def create_addon(original: Handler, cluster_name: str, body: Body) -> Response:
    return original(cluster_name, _with_association_arns(cluster_name, body))


@addon.replaces(eks, "_update_addon")
def update_addon(original: Handler, cluster_name: str, addon_name: str, body: Body) -> Response:
    return original(cluster_name, addon_name, _with_association_arns(cluster_name, body))


@addon.replaces(eks, "_delete_addon")
def delete_addon(original: Handler, cluster_name: str, addon_name: str) -> Response:
    record = eks._addons.get(f"{cluster_name}/{addon_name}", {})
    for arn in record.get("podIdentityAssociations", []):
        eks._delete_pod_identity_association(cluster_name, arn.rpartition("/")[2])
    return original(cluster_name, addon_name)


def _with_association_arns(cluster_name: str, body: Body) -> Body:
    """The request with its associations made, or found, and named by ARN."""
    wanted = body.get("podIdentityAssociations")
    if not wanted:
        return body
    return {**body, "podIdentityAssociations": [_association_arn(cluster_name, one) for one in wanted]}


def _association_arn(cluster_name: str, association: Body) -> str:
    account = {"namespace": "kube-system", **association}
    for key, existing in eks._pod_identity_associations.items():
        same = all(existing[name] == account[name] for name in ("namespace", "serviceAccount"))
        if key.startswith(f"{cluster_name}\x00") and same:
            existing["roleArn"] = account["roleArn"]
            return existing["associationArn"]
    created = json.loads(eks._create_pod_identity_association(cluster_name, account)[2])
    return created["association"]["associationArn"]


@cluster.replaces(eks, "_handle_request_sync")
def handle_request(
    original: Handler, method: str, path: str, headers: dict[str, str], body_bytes: bytes, query_params: Params
) -> Response:
    for route_method, pattern, handler in _routes:
        match = re.fullmatch(pattern, path)
        if method == route_method and match:
            return handler(json.loads(body_bytes) if body_bytes else {}, *match.groups())
    return original(method, path, headers, body_bytes, query_params)


def _update_cluster_config(body: Body, name: str) -> Response:
    record = eks._clusters.get(name)
    if record is None:
        return _not_found("cluster", name)
    for key in ("upgradePolicy", "zonalShiftConfig", "accessConfig", "logging"):
        if key in body:
            record[key] = {**record.get(key, {}), **body[key]}
    record["resourcesVpcConfig"].update(body.get("resourcesVpcConfig", {}))
    return _updated("ConfigUpdate")


def _update_cluster_version(body: Body, name: str) -> Response:
    record = eks._clusters.get(name)
    if record is None:
        return _not_found("cluster", name)
    record["version"] = body["version"]
    return _updated("VersionUpdate")


def _describe_update(_body: Body, _name: str, update_id: str) -> Response:
    # Updates of add-ons are the emulator's own, which it does not keep; all of them succeed at once.
    known = _updates.get(update_id, {"id": update_id, "status": "Successful", "type": "AddonUpdate", "errors": []})
    return eks._json_resp(200, {"update": known})


def _update_node_group_version(body: Body, cluster_name: str, name: str) -> Response:
    record = eks._nodegroups.get(f"{cluster_name}/{name}")
    if record is None:
        return _not_found("node group", name)
    if "version" in body:
        record["version"] = body["version"]
    if "launchTemplate" in body:
        record["launchTemplate"] = {**record.get("launchTemplate", {}), **body["launchTemplate"]}
    return _updated("VersionUpdate")


def _update_node_group_config(body: Body, cluster_name: str, name: str) -> Response:
    record = eks._nodegroups.get(f"{cluster_name}/{name}")
    if record is None:
        return _not_found("node group", name)
    record["scalingConfig"] = {**record["scalingConfig"], **body.get("scalingConfig", {})}
    for key in ("updateConfig", "nodeRepairConfig"):
        if key in body:
            record[key] = body[key]
    _update_labels(record, body.get("labels", {}))
    _update_taints(record, body.get("taints", {}))
    return _updated("ConfigUpdate")


def _update_labels(record: Body, change: Body) -> None:
    removed = change.get("removeLabels", [])
    kept = {name: text for name, text in record["labels"].items() if name not in removed}
    record["labels"] = {**kept, **change.get("addOrUpdateLabels", {})}


def _update_taints(record: Body, change: Body) -> None:
    added = change.get("addOrUpdateTaints", [])
    replaced = [(one["key"], one["effect"]) for one in [*change.get("removeTaints", []), *added]]
    kept = [one for one in record["taints"] if (one["key"], one["effect"]) not in replaced]
    record["taints"] = [*kept, *added]


_routes = (
    ("POST", r"/clusters/([^/]+)/update-config", _update_cluster_config),
    ("POST", r"/clusters/([^/]+)/updates", _update_cluster_version),
    ("GET", r"/clusters/([^/]+)/updates/([^/]+)", _describe_update),
    ("POST", r"/clusters/([^/]+)/node-groups/([^/]+)/update-version", _update_node_group_version),
    ("POST", r"/clusters/([^/]+)/node-groups/([^/]+)/update-config", _update_node_group_config),
)


def _updated(kind: str) -> Response:
    update = {"id": str(uuid.uuid4()), "status": "Successful", "type": kind, "params": [], "errors": []}
    _updates[update["id"]] = {**update, "createdAt": eks._now()}
    return eks._json_resp(200, {"update": _updates[update["id"]]})


def _not_found(kind: str, name: str) -> Response:
    return eks._error(404, "ResourceNotFoundException", f"No {kind} found for name: {name}.")
