"""A tenth of `make test-crash`: a disturbed night that is run once more leaves the tables of the undisturbed one."""

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_disturbed_night_that_is_run_once_more_leaves_what_an_undisturbed_one_leaves():
    command = [sys.executable, "-m", "tests.crash", "--share", "0.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "DID NOT CONVERGE" not in done.stdout
