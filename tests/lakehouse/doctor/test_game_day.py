"""A game day: faults are planted one after the other, and each is mended by the command alone that doctor prints."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.doctor import diagnoses
from lakehouse.ops import file_modes
from tests.lakehouse.doctor.test_tables import DAMAGES, LEDGER, RFM, content, damaged_lake, options, table

__all__ = ["damaged_lake"]
COMMAND = re.compile(r"^(lakehouse restore [\w.-]+|chmod .+)")


def hurt_table(damage: str, name: str) -> Callable[[Conf], object]:
    return lambda conf: DAMAGES[damage][0](table(conf, name))


def key_for_all(conf: Conf) -> None:
    path = Path(conf.profile.account_secret.partition(":")[2])
    path.write_text("sesame")
    path.chmod(0o644)


def lake_for_all(conf: Conf) -> None:
    Path(conf.profile.lake).chmod(0o755)


FAULTS: dict[str, tuple[str, Callable[[Conf], object]]] = {
    **{f"ledger, {damage}": (LEDGER, hurt_table(damage, LEDGER)) for damage in list(DAMAGES)[::2]},
    **{f"derived table, {damage}": (RFM, hurt_table(damage, RFM)) for damage in list(DAMAGES)[1::2]},
    "ledger and its log of nights, both gone": (LEDGER, lambda conf: shutil.rmtree(table(conf, LEDGER))),
    "the record of nights is cut": (
        "ops.runs",
        lambda conf: DAMAGES["data file cut"][0](table(conf, "ops.runs")),
    ),
    "the account key can be read by others": ("account key", key_for_all),
    "the lake can be read by others": ("file modes", lake_for_all),
}


def alarms(conf: Conf) -> dict[str, tuple[str, str]]:
    return {item.name: (item.text, item.remedy) for item in diagnoses(conf) if item.level != "ok"}


def obey(remedy: str, conf: Conf, tmp_path: Path) -> int:
    """Run the command that stands in a remedy, and nothing else."""
    found = COMMAND.search(remedy)
    assert found, f"no command in: {remedy}"
    words = shlex.split(found.group(1))
    if words[0] == "lakehouse":
        return main([*words[1:], *options(conf, tmp_path)])
    return subprocess.run(words, check=False).returncode


def test_a_game_day_has_fifteen_faults_and_more():
    assert len(FAULTS) >= 15


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_mended_by_the_printed_command_alone(damaged_lake, tmp_path, monkeypatch, fault):
    monkeypatch.setattr(file_modes, "is_reached", lambda *_: True)  # the folder of all tests is closed to others
    name, plant = FAULTS[fault]
    ledger = content(damaged_lake, LEDGER)
    plant(damaged_lake)
    text, remedy = alarms(damaged_lake)[name]

    assert obey(remedy, damaged_lake, tmp_path) == 0

    left = alarms(damaged_lake).get(name, ("", ""))[0]
    is_made_by_the_next_night = name == RFM and left == "its folder is gone"
    assert left == "" or is_made_by_the_next_night, f"was: {text}; is: {left}"
    assert content(damaged_lake, LEDGER) == ledger
