"""Before a run on a lake in an object store: all that it needs is there, or it says what is not before Spark starts."""

from pathlib import Path

from lakehouse.config.profile import Profile
from lakehouse.errors import ConfigError, MachineError
from lakehouse.ops import lake_id
from lakehouse.storage import s3
from lakehouse.storage.objects import Objects
from lakehouse.storage.places import is_remote, is_s3


def make_sure(profile: Profile, root: str) -> None:
    """Refuse a lake that this machine could not work on to the end; nothing for one in a folder.

    Raises:
        ConfigError: the URI is none of an S3-compatible store.
        MachineError: Hadoop's jars for S3 or obstore are missing, or the bucket does not answer.
    """
    if not is_remote(root):
        return
    _refuse_others(root)
    is_here = profile.spark.get("spark.master", "local").startswith("local")
    if is_here and not any(Path(profile.path(profile.jars), "s3").glob("*hadoop-aws*.jar")):
        remedy = "run 'python -m lakehouse.setup.s3_jars'"
        raise MachineError("Hadoop's jars for S3 are not there", profile.jars, remedy)
    reach(root)


def reach(root: str) -> None:
    """The same for what needs no Spark.

    Raises:
        ConfigError: the URI is none of an S3-compatible store.
        MachineError: obstore is missing, or the bucket does not answer.
    """
    if is_remote(root):
        _refuse_others(root)
        s3.prepare(root)
        Objects(root).status(lake_id.FILE)


def refuse(root: str, what: str) -> None:
    """Stop what works on a lake in a folder alone.

    Raises:
        ConfigError: the lake is under a URI.
    """
    if is_remote(root):
        remedy = "keep the lake in a folder of that machine; 'lakehouse sql' reads the rows of one in a store"
        raise ConfigError(f"{what} works on a lake in a folder alone", root, remedy)


def _refuse_others(root: str) -> None:
    if not is_s3(root):
        scheme = root.partition("://")[0]
        remedy = "name s3://bucket/prefix, or mount it and name the folder"
        raise ConfigError(f"a lake under {scheme}:// is not supported", root, remedy)
