"""Requests that are sent again: what an SDK asks for is carried out once, however often it has to ask."""

from __future__ import annotations

import asyncio
import functools
from collections import OrderedDict

from ministack import app

from .registry import Handler, Patch
from .wire import Params, Response

retry = Patch(
    "sdk.retry",
    resource="aws_vpc_endpoint",
    symptom="a create whose answer was lost makes a second resource when it is sent again, or is refused as a duplicate",
)

KEPT = 1000
"""Answers that are kept. Not over a restart: no client sends a request again for that long."""

_answers: OrderedDict[str, asyncio.Future[Response]] = OrderedDict()
"""What each call of an SDK was, or will be, answered with, by the id that its attempts share."""


@retry.replaces(app, "_dispatch_service_request")
async def dispatch_service_request(
    original: Handler,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: Params,
    request_id: str,
) -> Response:
    invocation = headers.get("amz-sdk-invocation-id")
    if not invocation or method in ("GET", "HEAD"):
        return await original(method, path, headers, body, query_params, request_id)
    answer = _answers.get(invocation)
    if answer is None:
        answer = asyncio.ensure_future(original(method, path, headers, body, query_params, request_id))
        answer.add_done_callback(functools.partial(_forget_failure, invocation))
        _answers[invocation] = answer
        if len(_answers) > KEPT:
            _answers.popitem(last=False)
    # A client that hangs up does not end what it began.
    return await asyncio.shield(answer)


def _forget_failure(invocation: str, answer: asyncio.Future[Response]) -> None:
    """What failed may be tried again; a stream can be read once."""
    if answer.exception() is not None or answer.result()[0] >= 300 or not isinstance(answer.result()[2], (bytes, str)):
        _answers.pop(invocation, None)
