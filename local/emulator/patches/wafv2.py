"""Web ACLs: where they log."""

import json
from typing import Any

from ministack.services import waf

from .registry import Handler, Patch
from .wire import Params, Response

logging = Patch(
    "wafv2.logging",
    resource="aws_wafv2_web_acl_logging_configuration",
    symptom="unknown action PutLoggingConfiguration",
)

ACL_KEY = "LoggingConfiguration"
"""Kept in the web ACL's record, so that it is saved and goes with it."""


@logging.replaces(waf, "handle_request")
async def handle_request(
    original: Handler, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Params
) -> Response:
    handler = _handlers.get(headers.get("x-amz-target", "").rpartition(".")[2])
    if handler is None:
        return await original(method, path, headers, body, query_params)
    return handler(json.loads(body))


def _put(request: dict[str, Any]) -> Response:
    configuration = request["LoggingConfiguration"]
    acl = _web_acl(configuration["ResourceArn"])
    if acl is None:
        return _not_found(configuration["ResourceArn"])
    acl[ACL_KEY] = configuration
    return waf.json_response({"LoggingConfiguration": configuration})


def _get(request: dict[str, Any]) -> Response:
    acl = _web_acl(request["ResourceArn"])
    if acl is None or ACL_KEY not in acl:
        return _not_found(request["ResourceArn"])
    return waf.json_response({"LoggingConfiguration": acl[ACL_KEY]})


def _delete(request: dict[str, Any]) -> Response:
    acl = _web_acl(request["ResourceArn"])
    if acl is None or acl.pop(ACL_KEY, None) is None:
        return _not_found(request["ResourceArn"])
    return waf.json_response({})


_handlers = {"PutLoggingConfiguration": _put, "GetLoggingConfiguration": _get, "DeleteLoggingConfiguration": _delete}


def _web_acl(arn: str) -> dict[str, Any] | None:
    return next((acl for acl in waf._web_acls.values() if acl["ARN"] == arn), None)


def _not_found(arn: str) -> Response:
    return waf._waf_err("WAFNonexistentItemException", f"{arn} has no logging configuration")
