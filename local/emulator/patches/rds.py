"""Database instances: what was asked for, the managed master password, replicas."""

import json
import re
import uuid
from typing import Any

from ministack.services import rds, secretsmanager

from .registry import Handler, Patch
from .wire import Params, Response, element, elements, numbered, value

settings = Patch(
    "rds.instance-settings",
    resource="aws_db_instance",
    symptom="backup window, log exports, life-cycle support, Performance Insights key, throughput lost: set by every plan",
)
managed_password = Patch(
    "rds.managed-password",
    resource="aws_db_instance",
    symptom="no master_user_secret although the password is managed",
)
replica = Patch(
    "rds.replica",
    resource="aws_db_instance",
    symptom="a replica has the settings and port of its source's record, not those asked for",
)
resource_id_filter = Patch(
    "rds.resource-id-filter",
    resource="aws_db_instance",
    symptom="destroying one of two instances never ends: the filter dbi-resource-id is ignored",
)

TEXTS = {
    "PreferredBackupWindow": "PreferredBackupWindow",
    "DBInstanceClass": "DBInstanceClass",
    "StorageType": "StorageType",
    "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
    "MonitoringRoleArn": "MonitoringRoleArn",
    "EngineLifecycleSupport": "EngineLifecycleSupport",
}
NUMBERS = {
    "StorageThroughput": "StorageThroughput",
    "Iops": "Iops",
    "MonitoringInterval": "MonitoringInterval",
    "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
}
SWITCHES = {
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
}


@settings.replaces(rds._ACTION_MAP, "CreateDBInstance")
def create(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if response[0] == 200:
        _apply_settings(rds._instances[value(p, "DBInstanceIdentifier")], p)
    return response


@settings.replaces(rds._ACTION_MAP, "ModifyDBInstance")
def modify(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if response[0] == 200:
        _apply_settings(rds._instances[value(p, "DBInstanceIdentifier")], p)
    return response


def _apply_settings(instance: dict[str, Any], p: Params) -> None:
    instance.update({name: value(p, key) for key, name in TEXTS.items() if value(p, key)})
    instance.update({name: int(value(p, key)) for key, name in NUMBERS.items() if value(p, key)})
    instance.update({name: value(p, key) == "true" for key, name in SWITCHES.items() if value(p, key)})
    changes = "CloudwatchLogsExportConfiguration"
    gone = numbered(p, f"{changes}.DisableLogTypes.member")
    added = [
        *numbered(p, "EnableCloudwatchLogsExports.member"),
        *numbered(p, f"{changes}.EnableLogTypes.member"),
    ]
    kept = [log for log in instance["EnabledCloudwatchLogsExports"] if log not in [*gone, *added]]
    instance["EnabledCloudwatchLogsExports"] = [*kept, *added]


@settings.replaces(rds, "_instance_xml")
def instance_xml(original: Handler, i: dict[str, Any]) -> str:
    xml: str = original(i)
    logs = "".join(element("member", log) for log in i["EnabledCloudwatchLogsExports"])
    xml = xml.replace(
        "<EnabledCloudwatchLogsExports/>", f"<EnabledCloudwatchLogsExports>{logs}</EnabledCloudwatchLogsExports>"
    )
    xml += elements({"EngineLifecycleSupport": i.get("EngineLifecycleSupport")})
    if not i["PerformanceInsightsEnabled"]:
        return re.sub(r"<PerformanceInsightsRetentionPeriod>.*?</PerformanceInsightsRetentionPeriod>", "", xml)
    return xml + elements({"PerformanceInsightsKMSKeyId": i["PerformanceInsightsKMSKeyId"]})


@managed_password.replaces(rds._ACTION_MAP, "CreateDBInstance")
def create_with_secret(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if response[0] != 200 or value(p, "ManageMasterUserPassword") != "true":
        return response
    secret = {"username": value(p, "MasterUsername"), "password": rds._generate_master_user_password()}
    arn = secretsmanager.create_secret_in_process(
        f"rds!db-{uuid.uuid4()}", json.dumps(secret), description="Secret managed by RDS"
    )
    rds._instances[value(p, "DBInstanceIdentifier")]["MasterUserSecret"] = {
        "SecretArn": arn,
        "SecretStatus": "active",
        "KmsKeyId": _key_arn(value(p, "MasterUserSecretKmsKeyId")),
    }
    return response


@managed_password.replaces(rds._ACTION_MAP, "DeleteDBInstance")
def delete_with_secret(original: Handler, p: Params) -> Response:
    instance = rds._instances.get(value(p, "DBInstanceIdentifier")) or {}
    response: Response = original(p)
    if response[0] == 200 and instance.get("MasterUserSecret"):
        secretsmanager.delete_secret_in_process(instance["MasterUserSecret"]["SecretArn"])
    return response


@managed_password.replaces(rds, "_instance_xml")
def instance_xml_with_secret(original: Handler, i: dict[str, Any]) -> str:
    secret = i.get("MasterUserSecret")
    return original(i) + (f"<MasterUserSecret>{elements(secret)}</MasterUserSecret>" if secret else "")


def _key_arn(key: str) -> str:
    if not key or key.startswith("arn:"):
        return key
    return f"arn:aws:kms:{rds.get_region()}:{rds.get_account_id()}:key/{key}"


@replica.replaces(rds._ACTION_MAP, "CreateDBInstanceReadReplica")
def create_replica(original: Handler, p: Params) -> Response:
    response: Response = original(p)
    if response[0] != 200:
        return response
    instance = rds._instances[value(p, "DBInstanceIdentifier")]
    instance.update(
        # The real server behind the primary answers for its replicas too.
        Endpoint={**instance["Endpoint"], "Port": _source_port(instance)},
        EnabledCloudwatchLogsExports=[],
        CopyTagsToSnapshot=value(p, "CopyTagsToSnapshot") == "true",
        IAMDatabaseAuthenticationEnabled=value(p, "EnableIAMDatabaseAuthentication") == "true",
        PerformanceInsightsEnabled=False,
        PerformanceInsightsKMSKeyId="",
        MonitoringInterval=0,
        MonitoringRoleArn="",
        BackupRetentionPeriod=0,
        DeletionProtection=value(p, "DeletionProtection") == "true",
        MultiAZ=value(p, "MultiAZ") == "true",
        MasterUserSecret=None,
    )
    if group := value(p, "DBParameterGroupName"):
        instance["DBParameterGroups"] = [{"DBParameterGroupName": group, "ParameterApplyStatus": "in-sync"}]
    if groups := rds._parse_member_list(p, "VpcSecurityGroupIds"):
        instance["VpcSecurityGroups"] = [{"VpcSecurityGroupId": one, "Status": "active"} for one in groups]
    _apply_settings(instance, p)
    return rds._single_instance_response(
        "CreateDBInstanceReadReplicaResponse", "CreateDBInstanceReadReplicaResult", instance
    )


def _source_port(instance: dict[str, Any]) -> int:
    return rds._instances[instance["ReadReplicaSourceDBInstanceIdentifier"]]["Endpoint"]["Port"]


@resource_id_filter.replaces(rds, "_apply_instance_filters")
def apply_filters(
    original: Handler, instances: list[dict[str, Any]], filters: dict[str, list[str]]
) -> list[dict[str, Any]]:
    wanted = filters.get("dbi-resource-id")
    found: list[dict[str, Any]] = original(instances, filters)
    return [one for one in found if one["DbiResourceId"] in wanted] if wanted else found
