"""Requests that are sent again: one that carries a token is carried out once."""

from urllib.parse import parse_qs

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import ec2

from .registry import Gap, Patch
from .wire import Params, Response, value

client_token = Gap(
    "ec2.client-token",
    resource="aws_vpc_endpoint",
    symptom="a create that the SDK sends again makes a second resource, which no state knows",
)

_answers = AccountRegionScopedDict()
"""What each token was answered with. Not kept over a restart: no client sends one again for that long."""


@client_token.replaces(ec2, "handle_request")
async def handle_request(
    original: Patch, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Params
) -> Response:
    token = value(parse_qs(body.decode()), "ClientToken")
    if not token:
        return await original(method, path, headers, body, query_params)
    if token not in _answers:
        response: Response = await original(method, path, headers, body, query_params)
        if response[0] != 200:
            return response
        _answers[token] = response
    return _answers[token]
