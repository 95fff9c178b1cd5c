"""Launch templates: the key of an encrypted volume."""

import re
from typing import Any

from ministack.services import ec2

from .registry import Handler, Patch
from .wire import Params, elements, value

volume_key = Patch(
    "ec2.launch-template-key",
    resource="aws_launch_template",
    symptom="KMS key of a volume lost: a new version, and an update of every node group, by each plan",
)


@volume_key.replaces(ec2, "_parse_lt_data")
def parse_data(original: Handler, params: Params, prefix: str = "LaunchTemplateData") -> dict[str, Any]:
    data: dict[str, Any] = original(params, prefix)
    for number, mapping in enumerate(data.get("BlockDeviceMappings", []), 1):
        if key := value(params, f"{prefix}.BlockDeviceMapping.{number}.Ebs.KmsKeyId"):
            mapping.setdefault("Ebs", {})["KmsKeyId"] = key
    return data


@volume_key.replaces(ec2, "_lt_data_xml")
def data_xml(original: Handler, data: dict[str, Any]) -> str:
    volumes = iter([mapping["Ebs"] for mapping in data.get("BlockDeviceMappings", []) if "Ebs" in mapping])

    def with_key(closing: re.Match[str]) -> str:
        return elements({"kmsKeyId": next(volumes).get("KmsKeyId")}) + closing[0]

    return re.sub("</ebs>", with_key, original(data))
