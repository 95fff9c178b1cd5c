"""CloudFormation stacks: the role that they act as."""

import re

from ministack.services import cloudformation
from ministack.services.cloudformation.handlers import _ACTION_HANDLERS

from .registry import Handler, Patch
from .wire import Params, Response, element, rewrite, value

role = Patch(
    "cloudformation.role",
    resource="aws_cloudformation_stack",
    symptom="iam_role_arn lost, set by every plan",
)


@role.replaces(_ACTION_HANDLERS, "CreateStack")
def create(original: Handler, params: Params) -> Response:
    return _remember_role(original(params), params)


@role.replaces(_ACTION_HANDLERS, "UpdateStack")
def update(original: Handler, params: Params) -> Response:
    return _remember_role(original(params), params)


@role.replaces(_ACTION_HANDLERS, "DescribeStacks")
def describe(original: Handler, params: Params) -> Response:
    roles = {stack["StackId"]: stack["RoleARN"] for stack in cloudformation._stacks.values() if "RoleARN" in stack}

    def with_role(match: re.Match[str]) -> str:
        arn = roles.get(match[1])
        return match[0] + (element("RoleARN", arn) if arn else "")

    return rewrite(original(params), lambda body: re.sub(r"<StackId>(.*?)</StackId>", with_role, body))


def _remember_role(response: Response, params: Params) -> Response:
    arn = value(params, "RoleARN")
    if response[0] == 200 and arn:
        wanted = value(params, "StackName")
        for name, stack in cloudformation._stacks.items():
            if wanted in (name, stack["StackId"]):
                stack["RoleARN"] = arn
    return response
