"""`python -m lakehouse.setup.s3_jars`: Hadoop's S3 file system and the parts of Amazon's SDK that it uses, 13 MB.

Hadoop's own list names Amazon's whole SDK in one jar of 600 MB, of which it needs a handful of small ones.
"""

import sys
from pathlib import Path

from lakehouse.errors import LakehouseError
from lakehouse.setup import jars
from lakehouse.setup.places import Places, here

SDK = "2.35.4"  # of hadoop-aws 3.5.0
PARTS = ("s3", "s3-transfer-manager", "sts")
COORDINATES = ("org.apache.hadoop:hadoop-aws:3.5.0", *(f"software.amazon.awssdk:{part}:{SDK}" for part in PARTS))
WITHOUT = ("software.amazon.awssdk:bundle", "org.wildfly.openssl:wildfly-openssl")
CHECKSUMS = Path(__file__).with_name("s3_jars.sha256")


def fetch(places: Places) -> str:
    """Fill var/jars/s3.

    Raises:
        MachineError: no network, or a jar whose checksum differs.
    """
    packages = ("--packages", ",".join(COORDINATES), "--exclude-packages", ",".join(WITHOUT))
    return jars.fetched(places, places.jars / "s3", CHECKSUMS, packages)


if __name__ == "__main__":
    try:
        print(fetch(here()))
    except LakehouseError as error:
        sys.exit(error.paragraph())
