"""What `lakehouse doctor` looks at, in the order in which things are needed."""

from collections.abc import Iterator

from lakehouse.config.layers import Conf
from lakehouse.doctor import lake, machine
from lakehouse.doctor.diagnosis import Diagnosis

__all__ = ["Diagnosis", "diagnoses"]


def diagnoses(conf: Conf) -> Iterator[Diagnosis]:
    """Machine, packages, configuration, lake, stores."""
    yield from machine.diagnoses(conf)
    yield from lake.diagnoses(conf)
