"""Response headers policies: no empty lists that were not asked for."""

from typing import Any
from xml.etree.ElementTree import Element

from ministack.services import cloudfront

from .registry import Handler, Patch

empty_headers = Patch(
    "cloudfront.empty-headers",
    resource="aws_cloudfront_response_headers_policy",
    symptom="empty lists of custom and removed headers come back as a change",
)


@empty_headers.replaces(cloudfront, "_build_rhp_config_xml")
def build_config(original: Handler, parent: Element, cfg: dict[str, Any]) -> None:
    original(parent, cfg)
    for tag, key in (("CustomHeadersConfig", "CustomHeaders"), ("RemoveHeadersConfig", "RemoveHeaders")):
        for child in [one for one in parent if one.tag.rpartition("}")[2] == tag and not cfg[key]]:
            parent.remove(child)
