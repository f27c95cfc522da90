"""How often a tag is right, where somebody said of some customers whether it should be theirs.

A label file is a CSV with a column customer_id or account_id and a column truth (true, yes, 1, false, no or 0).
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError

TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
ID_COLUMNS = ("customer_id", "account_id")
Z_95 = 1.959963984540054
LABELS = pa.schema({"tag": pa.string(), "id": pa.string(), "is_account": pa.bool_(), "truth": pa.bool_()})


@dataclass(frozen=True)
class Precision:
    """What a label file says of a tag.

    labelled_count: customers it names that are known; unknown_count: ids that are nobody's; contradicted_count:
    customers it calls both true and false, which count for nothing; tagged_count: labelled customers that the tag
    holds for, of whom true_count rightly.
    """

    labelled_count: int
    unknown_count: int
    contradicted_count: int
    tagged_count: int
    true_count: int

    @property
    def precision(self) -> float | None:
        """Share of labelled customers with the tag that have it rightly, 0 to 1; None without any."""
        return self.true_count / self.tagged_count if self.tagged_count else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval by Wilson."""
        return wilson(self.true_count, self.tagged_count) if self.tagged_count else None

    def is_below(self, floor: float | None) -> bool:
        """Whether labels do not show, with 95 % confidence, that the floor is reached."""
        interval = self.interval
        return floor is not None and (interval is None or interval[0] < floor)


def wilson(hits: int, count: int, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share.

    Args:
        hits: of `count`, which is not 0.
    Source: Wilson, Probable inference, the law of succession, and statistical inference (JASA 1927).
    """
    share, scale = hits / count, 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def label_file(conf: Conf, name: str, where: str) -> Path:
    """The file in the highest layer that has it.

    Raises:
        ConfigError: no layer has it, or it lies outside.
    """
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ConfigError("labels must lie in the configuration's folder", where, "write a path relative to it")
    files = [layer / name for layer in conf.layers if (layer / name).is_file()]
    if not files:
        raise ConfigError(f"no layer has the label file {name}", where, "put it beside tags.yaml, or drop the key")
    return files[-1]


def read_labels(tag: str, path: Path, where: str) -> pa.Table:
    """The labels of one tag: columns of LABELS.

    Raises:
        ConfigError: columns are missing, or a truth is neither true nor false; with its line.
    """
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened)
        names = rows.fieldnames or ()
        key = next((name for name in ID_COLUMNS if name in names), None)
        if key is None or "truth" not in names:
            remedy = "its columns are customer_id or account_id, and truth"
            raise ConfigError(f"{path.name} is no label file", where, remedy)
        labels = [(row[key] or "", _truth(row["truth"], path, rows.line_num)) for row in rows]
    ids, truths = [one.strip() for one, _ in labels], [truth for _, truth in labels]
    columns = {
        "tag": [tag] * len(labels),
        "id": ids,
        "is_account": [key == "account_id"] * len(labels),
        "truth": truths,
    }
    return pa.table(columns, schema=LABELS)


def _truth(word: str | None, path: Path, line: int) -> bool:
    truth = TRUTHS.get((word or "").strip().lower())
    if truth is None:
        raise ConfigError("a truth is neither true nor false", f"{path.name}:{line}", "write true or false")
    return truth


def of_labels(counts: Iterable[dict[str, int | str]]) -> dict[str, Precision]:
    """The answer of `precision_sql` by tag."""
    return {str(row.pop("tag")): Precision(**{k: int(v) for k, v in row.items()}) for row in map(dict, counts)}


def precision_sql(leads: str) -> str:
    """Counts per tag, over {labels}, {now}, {customer_map}, {customer_profile} and {ledger}: the fields of Precision.

    Args:
        leads: the query that says whom ids of old lead to (periods.leads_sql).
    """
    return f"""
    SELECT tag, CAST(count(DISTINCT CASE WHEN is_plain THEN customer_id END) AS BIGINT) AS labelled_count,
           CAST(coalesce(sum(unknown_rows), 0) AS BIGINT) AS unknown_count,
           CAST(count(CASE WHEN NOT is_plain THEN 1 END) AS BIGINT) AS contradicted_count,
           CAST(count(CASE WHEN is_plain AND is_tagged THEN 1 END) AS BIGINT) AS tagged_count,
           CAST(count(CASE WHEN is_plain AND is_tagged AND truth THEN 1 END) AS BIGINT) AS true_count
    FROM (
        SELECT f.tag, f.customer_id,
               CASE WHEN f.customer_id IS NOT NULL THEN min(f.truth) = max(f.truth) END AS is_plain,
               max(f.truth) AS truth, max(n.customer_id) IS NOT NULL AS is_tagged,
               CASE WHEN f.customer_id IS NULL THEN count(*) ELSE 0 END AS unknown_rows
        FROM (
            SELECT l.tag, l.truth, p.customer_id
            FROM {{labels}} l LEFT JOIN {{customer_map}} m ON l.is_account AND l.id = m.account_id
            LEFT JOIN ({leads}) g ON NOT l.is_account AND l.id = g.customer_id
            LEFT JOIN {{customer_profile}} p
                   ON CASE WHEN l.is_account THEN m.customer_id ELSE coalesce(g.living_id, l.id) END = p.customer_id) f
        LEFT JOIN {{now}} n ON f.customer_id = n.customer_id AND f.tag = n.name
        GROUP BY f.tag, f.customer_id) per_customer
    GROUP BY tag"""
