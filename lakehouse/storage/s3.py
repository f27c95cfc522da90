"""S3-compatible stores as each engine is told of them: delta-rs, Arrow and Spark.

All take keys from the environment (or the machine's role) by themselves; what differs is how an address of one's own is
named. Nothing of it is written to a file, a table or a plan.
"""

import functools
import os

from pyarrow import fs

from lakehouse.storage.places import is_s3, s3_options

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def prepare(root: str) -> None:
    """Let delta-rs reach a lake in S3: it reads the environment, where it also wants to be told what we can tell."""
    if not is_s3(root):
        return
    options = s3_options()
    os.environ.setdefault("AWS_REGION", options["region"])
    if "endpoint" in options:
        os.environ.setdefault("AWS_ENDPOINT_URL", options["endpoint"])
        os.environ.setdefault("AWS_ALLOW_HTTP", options.get("allow_http", "false"))


def file_system(path: str) -> tuple[fs.FileSystem, str]:
    """Arrow's file system of a URI, and the path inside it."""
    if is_s3(path):
        prepare(path)
        return _arrow(os.getpid()), path.partition("://")[2]
    system_and_path: tuple[fs.FileSystem, str] = fs.FileSystem.from_uri(path)
    return system_and_path


@functools.lru_cache(maxsize=8)
def _arrow(_process: int) -> fs.FileSystem:
    """Arrow's file system of the store, for one process."""
    options = s3_options()
    scheme, _, address = options.get("endpoint", "https://").partition("://")
    return fs.S3FileSystem(region=options["region"], endpoint_override=address.rstrip("/") or None, scheme=scheme)


def spark_settings(root: str) -> dict[str, str]:
    """Spark's (Hadoop's S3A) settings for a lake in S3; {} for any other."""
    if not is_s3(root):
        return {}
    options = s3_options()
    settings = {
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint.region": options["region"],
        "spark.hadoop.fs.s3a.connection.maximum": "64",
        "spark.databricks.delta.writeChecksumFile.enabled": "false",  # a third of a commit's requests; Delta needs none
    }
    if "endpoint" in options:
        settings["spark.hadoop.fs.s3a.endpoint"] = options["endpoint"]
        settings["spark.hadoop.fs.s3a.path.style.access"] = "true"
        settings["spark.hadoop.fs.s3a.connection.ssl.enabled"] = str("allow_http" not in options).lower()
    if os.environ.get(KEYS[0]):  # from the environment alone, on executors too: never as settings, which are logged
        provider = "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider"
        settings["spark.hadoop.fs.s3a.aws.credentials.provider"] = provider
    return settings
