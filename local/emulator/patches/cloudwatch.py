"""Metric alarms: everything that was requested comes back."""

import re
from typing import Any

from ministack.services import cloudwatch

from .registry import Handler, Patch
from .wire import Params, Response, elements, nested, rewrite, tree, value

metric_alarm = Patch(
    "cloudwatch.metric-alarm",
    resource="aws_cloudwatch_metric_alarm",
    symptom="actions, dimensions, period, metric queries lost, set again by every plan",
)

KNOWN = ("AlarmName", "AlarmArn", "StateValue", "StateReason", "ActionsEnabled")
NOT_ECHOED = ("Action", "Version", "Tags", "AlarmName", "ActionsEnabled")


@metric_alarm.replaces(cloudwatch, "_put_metric_alarm")
def put(original: Handler, params: Params, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Response:
    response: Response = original(params, cbor_data, is_cbor, is_json)
    if response[0] == 200 and not is_cbor and not is_json:
        cloudwatch._alarms[value(params, "AlarmName")]["Requested"] = nested(params, excluding=NOT_ECHOED)
    return response


@metric_alarm.replaces(cloudwatch, "_describe_alarms")
def describe(original: Handler, params: Params, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Response:
    response: Response = original(params, cbor_data, is_cbor, is_json)
    return response if is_cbor or is_json else rewrite(response, _complete_alarms)


def _complete_alarms(body: str) -> str:
    def complete(member: re.Match[str]) -> str:
        alarm = cloudwatch._alarms.get(member[1])
        if alarm is None or "Requested" not in alarm:
            return member[0]
        return f"<member>{elements({name: alarm[name] for name in KNOWN})}{tree(alarm['Requested'])}</member>"

    return re.sub(r"<member><AlarmName>(.*?)</AlarmName>.*?</member>", complete, body, flags=re.DOTALL)
