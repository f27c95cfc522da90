"""Which accounts are one person and one household, and who shares a home: read by no job.

It lies beside the drop zone, never inside.
"""

from pathlib import Path

import pandas as pd

from lakehouse.sample.files import csv_bytes, write_whole


def truth_folder(drop: Path) -> Path:
    """Where the truth of the exports in `drop` is."""
    return drop.absolute().parent / "truth"


def write_truth(drop: Path, everyone: pd.DataFrame) -> None:
    """Write accounts.csv for all records, delivered yet or not, households.csv for those who bought, and homes.csv.

    accounts: channel, channel_key, person_id. households: channel, channel_key, household_id as in the published
    purchases. homes: home_id, kind (couple, family, flat, firm), person_id; who lives or works together.
    """
    accounts = everyone[["channel", "channel_key", "person_id"]]
    buyers = everyone.loc[everyone["household_id"] > 0, ["channel", "channel_key", "household_id"]]
    write_whole(truth_folder(drop) / "accounts.csv", csv_bytes(accounts))
    write_whole(truth_folder(drop) / "households.csv", csv_bytes(buyers))
    together = everyone[everyone["kind"].fillna("") != ""].sort_values(["home_id", "person_id"])
    homes = together[["home_id", "kind", "person_id"]].drop_duplicates()
    write_whole(truth_folder(drop) / "homes.csv", csv_bytes(homes))
