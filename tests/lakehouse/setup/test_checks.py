"""What set-up says when the machine lacks something."""

import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.errors import MachineError
from lakehouse.setup import checks

JAVA_17 = 'openjdk version "17.0.15" 2025-04-15'
JAVA_8 = 'java version "1.8.0_402"'


def test_another_python_gets_the_remedy_and_no_traceback(tmp_path):
    other = "import sys, runpy; sys.version_info = (3, 9, 0); runpy.run_module('lakehouse.setup', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "Python 3.9 was called, 3.11 is needed" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr


def test_java_17_is_accepted():
    assert checks.check_java(JAVA_17) == 17


def test_java_8_is_named_and_refused():
    with pytest.raises(MachineError, match=r"Java 8 was found, 17 is needed.*JAVA_HOME"):
        checks.check_java(JAVA_8)


def test_a_missing_java_gets_the_remedy(monkeypatch, tmp_path):
    from lakehouse.setup.places import java_program

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(MachineError, match=r"Java is missing.*install a JDK 17"):
        java_program()


def test_a_full_disk_is_refused_with_what_is_needed():
    with pytest.raises(MachineError, match=r"only 1.0 GiB are free, set-up and the sample need 6"):
        checks.check_disk(Path("clone"), 2**30)


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ("error: dns error: failed to lookup address information", "the network cannot be reached"),
        ("ERROR: No matching distribution found for uv (from versions: none)", "the network cannot be reached"),
        ("java.net.UnknownHostException: a.host", "the network cannot be reached"),
        ("HTTP status client error (403 Forbidden)", "the download was refused"),
    ],
)
def test_a_failed_download_tells_a_dead_network_from_a_refusal(tmp_path, log, cause):
    file = tmp_path / "setup.log"
    file.write_text(log)
    assert cause in checks.download_failed("the packages cannot be installed", file).paragraph()


def test_every_fault_of_the_machine_ends_with_code_3():
    assert MachineError("x").exit_code == 3
