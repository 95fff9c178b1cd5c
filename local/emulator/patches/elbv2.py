"""Load balancers: weighted forwards, query-string conditions, protocol versions, extra certificates."""

from typing import Any

from ministack.services import alb

from .registry import Handler, Patch
from .wire import Params, Response, append, element, elements, numbered, value

forward = Patch(
    "elbv2.forward",
    resource="aws_lb_listener",
    symptom="weights and stickiness of a forward action lost",
)
fixed_response = Patch(
    "elbv2.fixed-response",
    resource="aws_lb_listener_rule",
    symptom="a message body with markup breaks the answer",
)
query_string = Patch(
    "elbv2.query-string",
    resource="aws_lb_listener_rule",
    symptom="the provider crashes on a condition that comes back without its values",
)
protocol_version = Patch(
    "elbv2.protocol-version",
    resource="aws_lb_target_group",
    symptom="protocol_version missing: replaced by every plan",
)
listener_certificate = Patch(
    "elbv2.listener-certificate",
    resource="aws_lb_listener_certificate",
    symptom="unknown action AddListenerCertificates",
)


@forward.replaces(alb, "_parse_actions")
def parse_actions(original: Handler, params: Params, prefix: str = "DefaultActions") -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = original(params, prefix)
    for number, action in enumerate(actions, 1):
        if action["Type"] == "forward":
            _add_forward(action, params, f"{prefix}.member.{number}.ForwardConfig")
    return actions


def _add_forward(action: dict[str, Any], params: Params, config: str) -> None:
    arns = numbered(params, f"{config}.TargetGroups.member", ".TargetGroupArn")
    weights = [
        value(params, f"{config}.TargetGroups.member.{number}.Weight", "1") for number in range(1, len(arns) + 1)
    ]
    if not arns:
        arns, weights = [action["TargetGroupArn"]], ["1"]
    if len(arns) == 1:
        action["TargetGroupArn"] = arns[0]
    stickiness = f"{config}.TargetGroupStickinessConfig"
    action["ForwardConfig"] = {
        "TargetGroups": list(zip(arns, weights, strict=True)),
        "Stickiness": {
            "Enabled": value(params, f"{stickiness}.Enabled", "false"),
            "DurationSeconds": value(params, f"{stickiness}.DurationSeconds"),
        },
    }


@forward.replaces(alb, "_action_xml")
def action_xml(original: Handler, a: dict[str, Any]) -> str:
    xml: str = original(a)
    config = a.get("ForwardConfig")
    if config is None:
        return xml
    groups = "".join(
        f"<member>{elements({'TargetGroupArn': arn, 'Weight': weight})}</member>"
        for arn, weight in config["TargetGroups"]
    )
    stickiness = f"<TargetGroupStickinessConfig>{elements(config['Stickiness'])}</TargetGroupStickinessConfig>"
    return append(xml, f"<ForwardConfig><TargetGroups>{groups}</TargetGroups>{stickiness}</ForwardConfig>")


@fixed_response.replaces(alb, "_action_xml")
def escaped_action_xml(original: Handler, a: dict[str, Any]) -> str:
    config = a.get("FixedResponseConfig")
    if config is None:
        return original(a)
    return original({**a, "FixedResponseConfig": {**config, "MessageBody": alb._esc(config["MessageBody"])}})


@query_string.replaces(alb, "_parse_conditions")
def parse_conditions(original: Handler, params: Params, prefix: str = "Conditions") -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = original(params, prefix)
    for number, condition in enumerate(conditions, 1):
        if condition["Field"] == "query-string":
            pairs = f"{prefix}.member.{number}.QueryStringConfig.Values.member"
            condition["QueryString"] = [
                {"Key": value(params, f"{pairs}.{index}.Key"), "Value": text}
                for index, text in enumerate(numbered(params, pairs, ".Value"), 1)
            ]
    return conditions


@query_string.replaces(alb, "_condition_xml")
def condition_xml(original: Handler, c: dict[str, Any]) -> str:
    pairs = "".join(f"<member>{elements(pair)}</member>" for pair in c.get("QueryString", []))
    config = f"<QueryStringConfig><Values>{pairs}</Values></QueryStringConfig>" if pairs else ""
    return append(original(c), config)


@protocol_version.replaces(alb._ACTION_MAP, "CreateTargetGroup")
def create_target_group(original: Handler, params: Params) -> Response:
    response: Response = original(params)
    name = value(params, "Name")
    created = next((group for group in alb._tgs.values() if group["TargetGroupName"] == name), None)
    if response[0] != 200 or created is None:
        return response
    created["ProtocolVersion"] = value(params, "ProtocolVersion", "HTTP1")
    return alb._xml(200, "CreateTargetGroup", f"<TargetGroups>{alb._tg_xml(created)}</TargetGroups>")


@protocol_version.replaces(alb, "_tg_xml")
def target_group_xml(original: Handler, tg: dict[str, Any]) -> str:
    version = tg.get("ProtocolVersion") if tg.get("Protocol") in ("HTTP", "HTTPS") else None
    return append(original(tg), elements({"ProtocolVersion": version, "IpAddressType": "ipv4"}))


@listener_certificate.adds(alb._ACTION_MAP, "AddListenerCertificates")
def add_certificates(params: Params) -> Response:
    listener = alb._listeners.get(value(params, "ListenerArn"))
    if listener is None:
        return _no_listener(params)
    added = numbered(params, "Certificates.member", ".CertificateArn")
    kept = [arn for arn in _extra_certificates(listener) if arn not in added]
    listener["ExtraCertificates"] = [*kept, *added]
    return alb._xml(200, "AddListenerCertificates", f"<Certificates>{_certificates(added, False)}</Certificates>")


@listener_certificate.adds(alb._ACTION_MAP, "RemoveListenerCertificates")
def remove_certificates(params: Params) -> Response:
    listener = alb._listeners.get(value(params, "ListenerArn"))
    if listener is None:
        return _no_listener(params)
    gone = numbered(params, "Certificates.member", ".CertificateArn")
    listener["ExtraCertificates"] = [arn for arn in _extra_certificates(listener) if arn not in gone]
    return alb._empty("RemoveListenerCertificates")


@listener_certificate.adds(alb._ACTION_MAP, "DescribeListenerCertificates")
def describe_certificates(params: Params) -> Response:
    listener = alb._listeners.get(value(params, "ListenerArn"))
    if listener is None:
        return _no_listener(params)
    found = _certificates(listener.get("Certificates", []), True) + _certificates(_extra_certificates(listener), False)
    return alb._xml(200, "DescribeListenerCertificates", f"<Certificates>{found}</Certificates>")


def _extra_certificates(listener: dict[str, Any]) -> list[str]:
    return listener.get("ExtraCertificates", [])


def _certificates(arns: list[str], default: bool) -> str:
    return "".join(f"<member>{element('CertificateArn', arn)}{element('IsDefault', default)}</member>" for arn in arns)


def _no_listener(params: Params) -> Response:
    return alb._error("ListenerNotFound", f"Listener '{value(params, 'ListenerArn')}' not found.")
