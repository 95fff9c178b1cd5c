"""Certificates: the key algorithm that was asked for."""

import json
from typing import Any

from ministack.services import acm

from .registry import Handler, Patch
from .wire import Response

key_algorithm = Patch(
    "acm.key-algorithm",
    resource="aws_acm_certificate",
    symptom="key algorithm always RSA_2048: replaced by every plan",
)


@key_algorithm.replaces(acm, "_request_certificate")
def request_certificate(original: Handler, data: dict[str, Any]) -> Response:
    response: Response = original(data)
    arn = json.loads(response[2]).get("CertificateArn")
    if arn is not None and "KeyAlgorithm" in data:
        acm._certificates[arn]["KeyAlgorithm"] = data["KeyAlgorithm"]
    return response


@key_algorithm.replaces(acm, "_cert_shape")
def certificate_shape(original: Handler, cert: dict[str, Any]) -> dict[str, Any]:
    shape: dict[str, Any] = original(cert)
    return {**shape, "KeyAlgorithm": cert.get("KeyAlgorithm", shape["KeyAlgorithm"])}
