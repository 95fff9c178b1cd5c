"""Flow logs: role, aggregation interval, format and tags."""

import re

from ministack.services import ec2

from .registry import Handler, Patch
from .wire import Params, Response, elements, rewrite, value

flow_log = Patch(
    "ec2.flow-log",
    resource="aws_flow_log",
    symptom="role, aggregation interval and tags lost: replaced by every plan",
)

DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "
    "${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)


@flow_log.replaces(ec2._ACTION_MAP, "CreateFlowLogs")
def create(original: Handler, params: Params) -> Response:
    response: Response = original(params)
    for flow_log_id in re.findall(r"<item>(fl-\w+)</item>", response[2].decode()):
        record = ec2._flow_logs[flow_log_id]
        record["Details"] = {
            "deliverLogsPermissionArn": value(params, "DeliverLogsPermissionArn"),
            "deliverLogsStatus": "SUCCESS",
            "maxAggregationInterval": value(params, "MaxAggregationInterval", "600"),
            "logFormat": value(params, "LogFormat", DEFAULT_FORMAT),
            "logGroupName": record["LogDestination"].partition(":log-group:")[2],
        }
        ec2._parse_tag_specs(params, "vpc-flow-log", flow_log_id)
    return response


@flow_log.replaces(ec2._ACTION_MAP, "DescribeFlowLogs")
def describe(original: Handler, params: Params) -> Response:
    def with_details(found: re.Match[str]) -> str:
        return found[0] + elements(ec2._flow_logs[found[1]].get("Details", {}))

    return rewrite(original(params), lambda body: re.sub(r"<flowLogId>(.*?)</flowLogId>", with_details, body))
