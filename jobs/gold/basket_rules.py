"""Gold: what is bought together in one basket, and how much more often than by chance.

Reads   silver.order_lines, silver.products
Writes  gold.basket_rules, one row per rule: its antecedent's buyers also take its consequent
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pyarrow as pa

from jobs.gold.baskets.association import Rule, association_rules
from jobs.gold.baskets.basket_counts import Bounds, Counted, count_collected, count_itemsets, driver_bytes
from jobs.gold.baskets.basket_items import item_lines, item_lines_sql, item_tables, known_level, possible_items
from jobs.lake import Lake

READS = ("silver.order_lines", "silver.products")
WRITES = "gold.basket_rules"
CONF = "basket_rules"

BASKETS = """SELECT l.order_id, l.item FROM (%s) l
             LEFT JOIN {excluded} x ON l.item = x.item WHERE x.item IS NULL"""
RULES = pa.schema(
    {
        "rule_id": pa.string(),
        "level": pa.string(),
        "antecedent": pa.list_(pa.string()),
        "consequent": pa.string(),
        "basket_count": pa.int64(),
        "support": pa.float64(),
        "confidence": pa.float64(),
        "lift": pa.float64(),
        "leverage": pa.float64(),
        "conviction": pa.float64(),
    }
)


@dataclass(frozen=True)
class Settings:
    """conf/basket_rules.yaml, which says what each key means."""

    level: Literal["department", "product_category", "product_type", "brand", "product_id"]
    excluded_items: tuple[str, ...]
    min_support: float
    min_confidence: float
    min_lift: float
    max_items_per_rule: int | None
    min_baskets: int
    min_baskets_per_rule: int
    max_driver_mebibytes: int
    max_itemsets: int
    max_items: int

    def bounds(self) -> Bounds:
        """What the counting needs of it."""
        return Bounds(
            min_support=self.min_support,
            min_baskets=self.min_baskets_per_rule,
            max_length=self.max_items_per_rule,
            max_driver_bytes=self.max_driver_mebibytes << 20,
            max_itemsets=self.max_itemsets,
            max_items=self.max_items,
        )


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Count the baskets of all orders so far and publish the rules they give."""
    level = known_level(lake.read("silver.products"), settings.level)
    counted = counted_baskets(lake, level, settings)
    for note in notes(level, counted, settings):
        lake.note(WRITES, note)
    lake.publish(WRITES, basket_rules(level, counted, settings), run_date)


def counted_baskets(lake: Lake, level: str, settings: Settings) -> Counted:
    """The itemsets of all orders: counted here while their lines fit, else by Spark."""
    line_count, bounds = lake.row_count("silver.order_lines"), settings.bounds()
    if driver_bytes(line_count, bounds.min_support) <= bounds.max_driver_bytes:
        excluded = pa.table({"item": pa.array(settings.excluded_items, pa.string())})
        lines = lake.fetch(BASKETS % item_lines_sql(level), {"excluded": excluded, **item_tables(level)})
        return count_collected(lines, bounds)
    products = lake.read("silver.products")
    lines = item_lines(lake.read("silver.order_lines"), products, level, settings.excluded_items)
    items = possible_items(lines, products, level, settings.min_baskets_per_rule)
    return count_itemsets(lines, items, line_count, bounds)


def basket_rules(level: str, counted: Counted, settings: Settings) -> pa.Table:
    """The table's rows; none where there are fewer baskets than the conf asks for."""
    rules: list[Rule] = []
    if counted.basket_count >= settings.min_baskets:
        confidence, lift = settings.min_confidence, settings.min_lift
        rules = list(association_rules(counted.itemsets, counted.basket_count, confidence, lift))
    rows = [named(rule, level, counted.names) for rule in rules]
    return pa.Table.from_pylist(rows, schema=RULES)


def named(rule: Rule, level: str, names: list[str]) -> dict[str, object]:
    """A rule as a row, items by name; its id depends on what it says alone, so that it is the same every night."""
    antecedent, consequent = [names[item] for item in rule.antecedent], names[rule.consequent]
    said = json.dumps([level, antecedent, consequent], ensure_ascii=False)
    return {
        **rule._asdict(),
        "rule_id": hashlib.sha256(said.encode()).hexdigest()[:16],
        "level": level,
        "antecedent": antecedent,
        "consequent": consequent,
    }


def notes(level: str, counted: Counted, settings: Settings) -> list[str]:
    """Why there are no rules, or other ones than the conf asks for; empty on an ordinary night."""
    said = []
    if counted.basket_count < settings.min_baskets:
        said.append(
            f"no rules: {counted.basket_count:,} baskets with a known item, and {settings.min_baskets:,} are asked"
            " for (min_baskets in basket_rules.yaml); order lines with a product_id are needed"
        )
    elif level != settings.level:
        said.append(f"rules are by {level}: no product says its {settings.level} (a products export would)")
    if counted.min_support > settings.min_support:
        said.append(
            f"support raised from {settings.min_support:g} to {counted.min_support:.3g}: more than"
            f" {settings.max_itemsets:,} itemsets (max_itemsets in basket_rules.yaml)"
        )
    return said
