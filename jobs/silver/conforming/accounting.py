"""Every line is in silver, in quarantine, or discarded by a named rule: counted, checked and kept."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake

OLDER = ("superseded", "exact_duplicate", "older_snapshot")  # units that a newer version of their thing outdates


@dataclass
class Account:
    """Where the new lines of one export went, for one table. Lines are elements where the target explodes."""

    export: str
    rows: int = 0
    lines_in_rows: int = 0
    quarantined: int = 0
    discarded: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    known_rows: int = 0  # rows whose key the table has already
    known_out: int = 0  # units of such keys that went elsewhere, superseded ones apart
    bronze_lines: int = 0

    @property
    def lines_in(self) -> int:
        """All lines, by where they went."""
        return self.lines_in_rows + self.quarantined + sum(self.discarded.values())


def accounts(outcomes: DataFrame) -> dict[str, Account]:
    """One aggregate over a night's units, one account per export.

    Args:
        outcomes: units with `_discard` (rule or NULL), `_reasons`, `_is_stored`, `_is_known`, `_lines`,
            `_first`.
    """
    went = F.when(F.size("_reasons") > 0, "quarantine").otherwise(F.coalesce(F.col("_discard"), F.lit("")))
    sums = (
        F.count(F.lit(1)).alias("units"),
        F.sum("_lines").alias("lines"),
        F.sum("_first").alias("first"),
        F.count_if("_is_known").alias("known"),
    )
    counted = outcomes.where(~F.col("_is_stored")).groupBy("_export", went.alias("went")).agg(*sums)
    by_export: dict[str, Account] = {}
    for row in counted.collect():  # exports x rules: some dozens of rows
        account = by_export.setdefault(row["_export"], Account(row["_export"]))
        account.bronze_lines += row["first"]
        account.known_out += row["known"] if row["went"] not in ("", *OLDER) else 0
        if row["went"] == "quarantine":
            account.quarantined += row["lines"]
        elif row["went"]:
            account.discarded[row["went"]] += row["lines"]
        else:
            account.rows, account.lines_in_rows, account.known_rows = row["units"], row["lines"], row["known"]
    return by_export


def checked(table: str, counted: dict[str, Account], expected: dict[str, int]) -> None:
    """Hold the accounts against the lines that bronze has.

    Args:
        expected: export -> new bronze lines, times the targets of the table, counted apart from the mapping.

    Raises:
        LakehouseError: lines were lost or made on the way.
    """
    for export, lines in expected.items():
        accounted = counted[export].bronze_lines if export in counted else 0
        if accounted != lines:
            raise LakehouseError(
                f"{lines} new lines of export {export} came in and {accounted} are accounted for",
                table,
                "nothing was published; report this with the export's YAML, it is a fault of the product",
            )


def record(lake: Lake, run_date: date, table: str, counted: dict[str, Account]) -> None:
    """Keep the night's accounts in ops.lineage."""
    lake.record(
        "ops.lineage",
        [
            {
                "run_id": lake.run.run_id,
                "run_date": run_date,
                "table": table,
                "export": account.export,
                "lines_in": account.lines_in,
                "rows_out": account.rows,
                "lines_in_rows": account.lines_in_rows,
                "quarantined": account.quarantined,
                "discarded": dict(account.discarded),
            }
            for account in counted.values()
        ],
    )
