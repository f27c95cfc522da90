"""Gold: what is bought together in one basket, how much more often than by chance, and whether it lasted.

Reads   gold.basket_days, gold.basket_itemsets
Writes  gold.basket_rules, one row per rule: its antecedent's buyers also take its consequent
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from jobs.gold.baskets.basket_counts import day_number, weights_of
from jobs.gold.baskets.itemsets import Itemset
from jobs.gold.baskets.kept_days import Kept, tracked_id
from jobs.gold.baskets.rule_rows import RULES, Level, found_earlier, rule_rows
from jobs.gold.settings.basket_rules import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("gold.basket_days", "gold.basket_itemsets")
WRITES = "gold.basket_rules"
DEPENDS_ON_RUN_DATE = True
CONF = "basket_rules"

LEVELS = "SELECT DISTINCT level FROM {days} ORDER BY level"
TRACKED = "SELECT itemset FROM {itemsets} WHERE level = '%s' ORDER BY itemset_number"
OF_LEVEL = "FROM {days} WHERE level = '%s' AND tracked_id = '%s'"
DAYS = f"""SELECT order_date, basket_count, untracked_most, min_support {OF_LEVEL} AND first_itemset = 0
           ORDER BY order_date, batch_number"""
COUNTS = f"SELECT itemset_counts {OF_LEVEL} ORDER BY order_date, batch_number, first_itemset"
BASKETS = ("gold.basket_days.basket_count", "gold.basket_days.itemset_counts")
SETS = ("gold.basket_itemsets.itemset",)
LINEAGE = {
    WRITES: {
        "level": (),
        "rule_id": ("gold.basket_itemsets.level", *SETS),
        "antecedent": SETS,
        "consequent": SETS,
        "*": (*BASKETS, "gold.basket_days.order_date"),
    }
}


@dataclass(frozen=True)
class Judged:
    """A level's rules as rows, and what is to be said of them."""

    rows: pa.Table
    notes: list[str]


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Make the rules of every level from the counts by day."""
    levels = lake.fetch(levels_query())["level"].to_pylist()
    judged = [judged_rules(level_of(lake, level, settings, run_date), settings, run_date) for level in levels]
    if not judged:
        lake.note(WRITES, too_few("any level", 0, settings))
    for note in (note for level_rules in judged for note in level_rules.notes):
        lake.note(WRITES, note)
    rows = pa.concat_tables([RULES.empty_table(), *(level_rules.rows for level_rules in judged)])
    lake.publish(WRITES, rows, run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield levels_query()
    for level in settings.levels:
        known = tracked_id(level, [])
        yield from (tracked_query(level), days_query(level, known), counts_query(level, known))


def levels_query() -> Query:
    """The levels that anything is kept of."""
    return Query(LEVELS, {"days": READS[0]}, answers="level STRING")


def tracked_query(level: str) -> Query:
    """A level's itemsets in order of their numbers."""
    return Query(TRACKED % level, {"itemsets": READS[1]}, answers="itemset ARRAY<STRING>")


def days_query(level: str, tracked: str) -> Query:
    """A level's days with their baskets, without the counts."""
    columns = "order_date DATE, basket_count BIGINT, untracked_most DOUBLE, min_support DOUBLE"
    return Query(DAYS % (level, tracked), {"days": READS[0]}, answers=columns)


def counts_query(level: str, tracked: str) -> Query:
    """The counts of a level's itemsets by day, part by part."""
    return Query(COUNTS % (level, tracked), {"days": READS[0]}, answers="itemset_counts ARRAY<BIGINT>")


def level_of(lake: Lake, level: str, settings: Settings, run_date: date) -> Level:
    """What is kept of one level, weighed as of a day; bounded by tracked itemsets times days."""
    named = lake.fetch(tracked_query(level))["itemset"].to_pylist()
    known = tracked_id(level, named)
    rows, counts = lake.fetch(days_query(level, known)), lake.fetch(counts_query(level, known))
    names = sorted({name for itemset in named for name in itemset})
    number = {name: i for i, name in enumerate(names)}
    itemsets: list[Itemset] = [tuple(sorted(number[name] for name in itemset)) for itemset in named]
    flat = counts["itemset_counts"].combine_chunks().flatten().to_numpy()
    kept = Kept(
        rows["order_date"].combine_chunks().cast(pa.int32()).to_numpy(),
        rows["basket_count"].to_numpy(),
        rows["untracked_most"].to_numpy(),
        max(rows["min_support"].to_pylist(), default=settings.min_support),
        flat.reshape(rows.num_rows, len(itemsets)),
    )
    return Level(level, names, itemsets, kept, weights_of(kept.days, run_date, settings.half_life_days))


def judged_rules(level: Level, settings: Settings, run_date: date) -> Judged:
    """The rules of one level; none where there are fewer baskets than the conf asks for."""
    basket_count = int(np.sum(level.kept.basket_counts))
    if basket_count < settings.min_baskets:
        return Judged(RULES.empty_table(), [too_few(level.name, basket_count, settings)])
    cut = day_number(run_date - timedelta(days=settings.check_days))
    rows = rule_rows(level, settings, cut)
    return Judged(rows, [*notes(level, settings), *check_notes(level, settings, cut, rows)])


def too_few(level: str, basket_count: int, settings: Settings) -> str:
    """Why there are no rules, and what they need."""
    return (
        f"no rules by {level}: {basket_count:,} baskets with a known item, and {settings.min_baskets:,} are asked"
        " for (min_baskets in basket_rules.yaml); order lines with a product_id are needed"
    )


def notes(level: Level, settings: Settings) -> list[str]:
    """Other rules than the conf asks for; empty on an ordinary night."""
    sentences = []
    if level.name not in settings.levels:
        wanted = ", ".join(settings.levels)
        sentences.append(f"rules are by {level.name}: no product says its {wanted} (a products export would)")
    reached = level.least(settings) / max(level.worth, 1e-300)
    if level.kept.min_support > settings.min_support:
        sentences.append(
            f"support by {level.name} raised from {settings.min_support:g} to {reached:.3g}: too many itemsets"
            " (max_itemsets in basket_rules.yaml)"
        )
    return sentences


def check_notes(level: Level, settings: Settings, cut: int, rows: pa.Table) -> list[str]:
    """How the rules that the earlier baskets gave fared, those that are rules no more included."""
    earlier = found_earlier(level, settings, cut)
    if earlier is None or not rows.num_rows:
        return []
    total, held, failed = earlier
    return (
        [
            f"of {total:,} rules by {level.name} that promised more than chance on baskets older than"
            f" {settings.check_days} days, {held:,} hold in the baskets since, {failed:,} do not,"
            f" {total - held - failed:,} had too few to say"
        ]
        if total
        else []
    )
