"""Which compiler Java uses follows the size of what a night can read; Java starts beside Python's own checks."""

import os
import subprocess
import sys

import pytest

from lakehouse.config.layers import Conf
from lakehouse.spark import java

MEGABYTE = 10**6


def profile(folder, limit=1, lake="lake", spark=None):
    (folder / "lake").mkdir(exist_ok=True)
    (folder / "drop").mkdir(exist_ok=True)
    places = {"lake": str(folder / lake) if "://" not in lake else lake, "drop": str(folder / "drop")}
    own = {"spark.master": "local[2]", **(spark or {})}
    return Conf().profile.model_copy(update={**places, "quick_compiler_up_to_mb": limit, "spark": own})


def fill(file, size):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(size))


@pytest.mark.parametrize(
    ("in_lake", "in_drop", "limit", "is_quick"),
    [
        (0, 0, 1, True),
        (MEGABYTE, 0, 1, True),
        (MEGABYTE // 2, MEGABYTE // 2, 1, True),
        (MEGABYTE, 1, 1, False),  # one byte more
        (0, 2 * MEGABYTE, 1, False),  # a first night has an empty lake and a full drop zone
        (0, 0, 0, False),  # 0: never
    ],
)
def test_the_quick_compiler_is_for_a_lake_and_a_drop_zone_that_are_small_together(
    tmp_path, in_lake, in_drop, limit, is_quick
):
    fill(tmp_path / "lake/silver/orders/a.parquet", in_lake)
    fill(tmp_path / "drop/2026-01-01/a.csv", in_drop)

    assert java.is_quick(profile(tmp_path, limit)) is is_quick


@pytest.mark.parametrize(
    ("lake", "spark"),
    [
        ("s3a://bucket/lake", {}),  # its size is not known here
        ("lake", {"spark.master": "spark://host:7077"}),  # the work is done by other machines
        ("lake", {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=4"}),  # the profile has chosen
    ],
)
def test_what_is_not_known_to_be_small_or_is_chosen_by_the_profile_is_left_alone(tmp_path, lake, spark):
    assert not java.is_quick(profile(tmp_path, 1, lake, spark))


def test_a_link_that_leads_nowhere_counts_nothing(tmp_path):
    given = profile(tmp_path)
    (tmp_path / "drop/gone").symlink_to(tmp_path / "nowhere")

    assert java.is_quick(given)


BEGUN = """
from lakehouse.config.layers import Conf
from lakehouse.spark import java, session
profile = Conf().profile
session.begin(profile); session.begin(profile)
spark = session.start(profile, "begun")
print(spark.range(3).count(), spark.sparkContext.appName, spark.conf.get("spark.sql.session.timeZone"), java.begun())
"""


def test_a_session_joins_the_java_that_was_begun_with_all_its_settings():
    done = subprocess.run([sys.executable, "-c", BEGUN], capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["3", "begun", "UTC", "None"], done.stderr[-2000:]


def test_a_java_that_cannot_start_is_told_by_the_session_not_by_the_one_that_began_it(tmp_path):
    broken = tmp_path / "bin/java"
    fill(broken, 0)
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", BEGUN],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "JAVA_HOME": str(tmp_path)},
    )

    assert "MachineError" in done.stderr
    assert "Java did not start" in done.stderr
