"""A tenth of `make test-crash`: a disturbed night that is run once more leaves the tables of the undisturbed one."""

import random
import subprocess
import sys

import pytest

SHARE, SECONDS = "0.02", "60"  # of the moments in a night; for kinds of trials, the last of which may take longer


@pytest.mark.ci_night
@pytest.mark.timeout(1500)
def test_a_disturbed_night_that_is_run_once_more_leaves_what_an_undisturbed_one_leaves(
    capsys: pytest.CaptureFixture[str],
):
    """Other moments and kinds of trials each time: what failed is found again by its seed."""
    seed = str(random.SystemRandom().randrange(10**6))
    command = [sys.executable, "-m", "tests.crash", "--share", SHARE, "--seconds", SECONDS, "--seed", seed]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    with capsys.disabled():
        print(f"\n{' '.join(command[1:])}\n{done.stdout[-2000:]}")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "DID NOT CONVERGE" not in done.stdout
