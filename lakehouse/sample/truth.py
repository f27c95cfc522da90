"""Which accounts are one person and one household: beside the drop zone, never inside, and read by no job."""

from pathlib import Path

import pandas as pd

from lakehouse.sample.files import csv_bytes, write_whole


def truth_folder(drop: Path) -> Path:
    """Where the truth of the exports in `drop` is."""
    return drop.absolute().parent / "truth"


def write_truth(drop: Path, everyone: pd.DataFrame) -> None:
    """Write accounts.csv for all 16,000 records, delivered yet or not, and households.csv for those who bought.

    accounts: channel, channel_key, person_id. households: channel, channel_key, household_id as in the published
    purchases.
    """
    accounts = everyone[["channel", "channel_key", "person_id"]]
    buyers = everyone.loc[everyone["household_id"] > 0, ["channel", "channel_key", "household_id"]]
    write_whole(truth_folder(drop) / "accounts.csv", csv_bytes(accounts))
    write_whole(truth_folder(drop) / "households.csv", csv_bytes(buyers))
