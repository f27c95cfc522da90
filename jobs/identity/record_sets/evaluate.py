"""How good the linkage is, against a truth that no job reads: `lakehouse linkage --truth FILE`."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity.record_sets.mistakes import Mistakes, mistakes
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake

if TYPE_CHECKING:
    from rich.console import Console

MOST_ACCOUNTS = 5_000_000  # the report collects ids only, and no more of them than this


@dataclass(frozen=True)
class LinkageReport:
    """Pairwise and per-account (B-cubed) measures, 0 to 1, and clusters by size."""

    account_count: int
    person_count: int
    customer_count: int
    true_pairs: int
    predicted_pairs: int
    right_pairs: int
    bcubed_precision: float
    bcubed_recall: float
    cluster_sizes: dict[int, int]

    @property
    def precision(self) -> float:
        """Share of the pairs found that are true; 1 when none was found."""
        return self.right_pairs / self.predicted_pairs if self.predicted_pairs else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were found; 1 when there is none."""
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def with_truth(customer_map: DataFrame, truth_csv: Path) -> pd.DataFrame:
    """A map with the person_id of a truth file, over the accounts that both know.

    Args:
        customer_map: account_id, channel, account_key, customer_id; account_key as the channel exported it.
        truth_csv: channel, channel_key, person_id.

    Raises:
        LakehouseError: the file has another form, or shares no account with the map.
    """
    truth = pd.read_csv(truth_csv, dtype=str, keep_default_na=False)
    if not {"channel", "channel_key", "person_id"} <= set(truth.columns):
        raise LakehouseError("a truth file has the columns channel, channel_key, person_id", truth_csv.name)
    key = F.trim("account_key").alias("channel_key")
    rows = customer_map.select("account_id", "channel", key, "customer_id").limit(MOST_ACCOUNTS)
    both = rows.toPandas().merge(truth, on=["channel", "channel_key"])
    if both.empty:
        raise LakehouseError("no account of the map is in the truth file", truth_csv.name, "compare the keys")
    return both


def report(both: pd.DataFrame, across: bool = False) -> LinkageReport:
    """Measure from one row per account: customer_id, person_id (and channel).

    Args:
        across: only pairs of two channels count.
    """
    customers, persons = (both.groupby(key).size() for key in ("customer_id", "person_id"))
    shared = both.groupby(["customer_id", "person_id"]).size().rename("n").reset_index()
    customer_size, person_size = shared["customer_id"].map(customers), shared["person_id"].map(persons)
    return LinkageReport(
        account_count=len(both),
        person_count=len(persons),
        customer_count=len(customers),
        true_pairs=_pairs(both, ["person_id"], across),
        predicted_pairs=_pairs(both, ["customer_id"], across),
        right_pairs=_pairs(both, ["customer_id", "person_id"], across),
        bcubed_precision=float((shared["n"] ** 2 / customer_size).sum() / len(both)),
        bcubed_recall=float((shared["n"] ** 2 / person_size).sum() / len(both)),
        cluster_sizes=dict(sorted(Counter(customers.tolist()).items())),
    )


def _pairs(both: pd.DataFrame, keys: list[str], across: bool) -> int:
    """Pairs of rows with the same keys; across: less those of one channel."""
    inside = _choose_two(both.groupby(keys).size())
    return inside - (_choose_two(both.groupby([*keys, "channel"]).size()) if across else 0)


def _choose_two(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def linkage_main(lake: Lake, truth: Path) -> int:
    """Print the report on the lake's map; 0, or 1 when there is no map yet."""
    from rich.console import Console

    console = Console()
    if not lake.exists("identity.customer_map"):
        console.print("There is no customer map yet: run 'lakehouse night' first.")
        return 1
    keys = lake.read("silver.customers").select("account_id", "account_key")
    both = with_truth(lake.read("identity.customer_map").join(keys, "account_id"), truth)
    pairs = lake.read("identity.match_pairs").select("account_id_left", "account_id_right", "match_weight")
    show(console, report(both), mistakes(both, pairs.limit(MOST_ACCOUNTS).toPandas()))
    return 0


def show(console: "Console", measures: LinkageReport, wrong: Mistakes) -> None:
    """Print the measures, the mistakes by kind, and the worst of them: ids only."""
    from rich.markup import escape

    console.print(_table(measures))
    console.print("Mistakes: " + "; ".join(f"{kind}: {count:,}" for kind, count in wrong.counts.items()))
    for title, rows in (("Missed pairs with the highest weight", wrong.missed), ("False pairs", wrong.false)):
        if len(rows):
            console.print(f"[bold]{title}[/bold] (bits, accounts)")
        ends = rows["account_id_left"], rows["account_id_right"], rows["match_weight"]
        for left, right, weight in zip(*ends, strict=True):  # on a line of their own, so that no id is cut
            console.print(f"{weight:7.1f}  {escape(str(left))}  {escape(str(right))}", soft_wrap=True, highlight=False)


def _table(measures: LinkageReport) -> object:
    from rich.table import Table

    table = Table("measure", "value", title="Linkage against the truth")
    lines = {
        "accounts": f"{measures.account_count:,}",
        "persons / customers": f"{measures.person_count:,} / {measures.customer_count:,}",
        "true pairs / found / right": " / ".join(
            f"{count:,}" for count in (measures.true_pairs, measures.predicted_pairs, measures.right_pairs)
        ),
        "precision": f"{measures.precision:.4f}" if measures.predicted_pairs else "none: no two were joined",
        "recall": f"{measures.recall:.4f}" if measures.true_pairs else "none: the truth has no pair",
        "F1": f"{measures.f1:.4f}"
        if measures.predicted_pairs or measures.true_pairs
        else "none: there was nothing to find",
        "B-cubed precision / recall": f"{measures.bcubed_precision:.4f} / {measures.bcubed_recall:.4f}",
        "customers by number of accounts": ", ".join(f"{size}: {n:,}" for size, n in measures.cluster_sizes.items()),
    }
    for name, value in lines.items():
        table.add_row(name, value)
    return table
