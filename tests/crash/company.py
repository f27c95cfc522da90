"""A company of a few dozen accounts in two channels, two nights' deliveries, and a lake of its own for each trial."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from lakehouse.config.layers import Conf
from tests import kiosk
from tests.conftest import places

SECOND = kiosk.DAY + timedelta(days=1)
FILES = "files"  # Spark writes files, and a commit names them afterwards, wherever that may be
ENGINES: dict[str, dict[str, str | int]] = {
    "auto": {"engine": "auto"},
    "spark": {"engine": "spark"},
    FILES: {"engine": "auto", "collect_up_to_rows": 1},
}


@dataclass(frozen=True)
class Place:
    """One company and where its lakes lie.

    Args:
        folder: of all trials.
        layer: the company's configuration.
        drop: its deliveries.
        engine: by what tables are written, one of ENGINES; spark: all by Spark's own commits.
    """

    folder: Path
    layer: Path
    drop: Path
    engine: str = "auto"

    def conf(self, trial: str) -> Conf:
        """The configuration of a trial's own lake and stores; the account key is one for all."""
        own = places(self.folder / trial) | {
            "drop": str(self.drop),
            "account_secret": f"file:{self.folder}/account.key",
        }
        return Conf([self.layer], overrides=own | {"event_logs": ""} | ENGINES[self.engine])

    def copy(self, source: str, target: str) -> Conf:
        """A trial that begins where another one has come to."""
        shutil.rmtree(self.folder / target, ignore_errors=True)
        shutil.copytree(self.folder / source, self.folder / target)
        return self.conf(target)


def found(folder: Path, engine: str = "auto") -> Place:
    """Write the company and what arrived on its first two days: the second brings news of old accounts and new ones."""
    layer, drop = kiosk.write(folder)
    (drop / str(SECOND)).mkdir()
    newcomers = range(kiosk.PEOPLE, kiosk.PEOPLE + 3)
    for channel in ("kiosk", "shop"):
        again = kiosk.accounts(channel, range(4)).replace("Anna", "Annika")
        new = kiosk.accounts(channel, newcomers).partition("\n")[2]
        (drop / str(SECOND) / f"{channel}_accounts_2.csv").write_text(again + new)
        sold = kiosk.sales(channel, newcomers).replace("unreadable\n", "")
        changed = kiosk.sales(channel, range(1, 2)).partition("\n")[2].replace("unreadable\n", "").replace(".50", ".75")
        (drop / str(SECOND) / f"{channel}_sales_2.csv").write_text(sold + changed)
    return Place(folder, layer, drop, engine)
