"""What a place is: a local folder, or a URI of an object store; and how the access to that store is configured.

Keys and addresses come from the environment alone (the variables that AWS's own programs read), never from a file of
the configuration, and never into a log or a plan.
"""

import os
from collections.abc import Mapping

S3_SCHEMES = ("s3://", "s3a://")


def is_remote(place: str) -> bool:
    """Whether a place is a URI rather than a path of this machine."""
    return "://" in place


def is_s3(place: str) -> bool:
    """Whether a place lies in an S3-compatible object store."""
    return place.startswith(S3_SCHEMES)


def s3_options(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Options of an S3-compatible store beyond its defaults, for delta-rs and obstore; keys they find by themselves.

    An address of one's own (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL) has buckets in its path, and may do without TLS
    where it says http.
    """
    known = os.environ if environment is None else environment
    options = {"region": known.get("AWS_REGION") or known.get("AWS_DEFAULT_REGION") or "us-east-1"}
    if endpoint := known.get("AWS_ENDPOINT_URL_S3") or known.get("AWS_ENDPOINT_URL"):
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": "false"}
        options |= {"allow_http": "true"} if endpoint.startswith("http://") else {}
    return options
