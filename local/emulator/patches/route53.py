"""Hosted zones: DNSSEC is off."""

import re

from ministack.services import route53

from .registry import Handler, Patch
from .wire import Params, Response

dnssec = Patch(
    "route53.dnssec",
    resource="aws_route53_zone",
    symptom="destroying a zone with force_destroy fails: GetDNSSEC is unknown",
)

NOT_SIGNING = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<GetDNSSECResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
    "<Status><ServeSignature>NOT_SIGNING</ServeSignature></Status><KeySigningKeys/></GetDNSSECResponse>"
)


@dnssec.replaces(route53, "handle_request")
async def handle_request(
    original: Handler, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Params
) -> Response:
    if method == "GET" and re.search(r"/hostedzone/[^/]+/dnssec$", path):
        return 200, {"Content-Type": "text/xml"}, NOT_SIGNING.encode()
    return await original(method, path, headers, body, query_params)
