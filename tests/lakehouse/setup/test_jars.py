"""The jars that run are the jars that were reviewed."""

import hashlib

import pytest

from lakehouse.errors import MachineError
from lakehouse.setup import jars


def test_the_committed_checksums_name_the_seven_jars_that_spark_lacks():
    wanted = jars.checksums(jars.CHECKSUMS)
    assert len(wanted) == 7
    assert all(len(digest) == 64 and name.endswith(".jar") for name, digest in wanted.items())


def test_a_jar_with_its_checksum_has_no_fault(tmp_path):
    (tmp_path / "a.jar").write_bytes(b"reviewed")
    assert jars.faults(tmp_path, {"a.jar": hashlib.sha256(b"reviewed").hexdigest()}) == []


def test_a_jar_with_other_content_is_deleted_and_named(tmp_path):
    (tmp_path / "a.jar").write_bytes(b"changed")
    with pytest.raises(MachineError, match=r"the checksum of a.jar is not the reviewed one"):
        jars.refuse_faulty(tmp_path, {"a.jar": hashlib.sha256(b"reviewed").hexdigest()})
    assert not (tmp_path / "a.jar").exists()


def test_a_missing_jar_is_a_fault(tmp_path):
    assert jars.faults(tmp_path, {"a.jar": "0" * 64}) == ["a.jar"]
