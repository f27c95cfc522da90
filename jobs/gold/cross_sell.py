"""Gold: what to offer each customer next: products not yet bought, each with the basket rule that says so.

Reads   gold.basket_rules, silver.order_lines, silver.products, identity.customer_map
Writes  gold.cross_sell, one row per customer and rank
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.gold.baskets.basket_items import item_lines_sql, item_tables
from jobs.gold.product_levels.levels import PRODUCT_LEVEL
from jobs.gold.settings.cross_sell import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, Table

READS = ("gold.basket_rules", "silver.order_lines", "silver.products", "identity.customer_map")
WRITES = "gold.cross_sell"
CONF = "cross_sell"

WORD_BITS = 64  # items are sets of bits in BIGINT columns: whether a rule fires is two ANDs, for any number of rules
RULES = """SELECT rule_id, level, antecedent, consequent, basket_count, confidence, lift FROM {rules}
           WHERE lift >= %r AND q_value <= %r"""


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Match every customer's purchases with the rules, and publish what to offer."""
    rules = ranked(of_level(lake.fetch(rules_query(settings)).to_pylist(), settings.level))
    level = rules[0]["level"] if rules else PRODUCT_LEVEL
    if not rules:
        lake.note(WRITES, f"nothing to offer: gold.basket_rules has no rule of lift {settings.min_lift:g} or more")
    tables = {**rule_tables(rules), "reasons": reasons(rules)}
    most = lake.row_count("identity.customer_map") * settings.recommendations_per_customer
    lake.publish(WRITES, lake.rows(cross_sell_query(level, word_count(rules), tables, settings), most), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job, with rules of one word of items."""
    yield rules_query(settings)
    yield cross_sell_query(settings.level, 1, {**made_tables(), "reasons": made_reasons()}, settings)


def made_tables() -> dict[str, Made]:
    """What `rule_tables` makes of the rules, for a check."""
    items = ("gold.basket_rules.antecedent", "gold.basket_rules.consequent")
    strength = tuple(f"gold.basket_rules.{name}" for name in ("confidence", "lift", "basket_count", "rule_id"))
    numbers = {"item": "STRING", "number": "INT", "word": "INT", "bit": "BIGINT"}
    rules = {"strength": "INT", "consequent": "INT", "first_item": "INT", "needs_0": "BIGINT"}
    return {
        "numbers": Made(numbers, dict.fromkeys(numbers, items)),
        "rules": Made(rules, {**dict.fromkeys(rules, items), "strength": strength}),
    }


def made_reasons() -> Made:
    """What `reasons` makes of the rules, for a check."""
    names = ("rule_id", "antecedent", "consequent", "confidence", "lift")
    own = {name: (f"gold.basket_rules.{name}",) for name in names}
    words = tuple(f"gold.basket_rules.{name}" for name in names[1:])
    kinds = {"antecedent": "ARRAY<STRING>", "confidence": "DOUBLE", "lift": "DOUBLE", "strength": "INT"}
    columns = {name: kinds.get(name, "STRING") for name in ("strength", *names, "reason")}
    return Made(columns, {**own, "strength": (*own["confidence"], *own["lift"]), "reason": words})


def rules_query(settings: Settings) -> Query:
    """The rules that are sure enough to offer by."""
    columns = "rule_id STRING, level STRING, antecedent ARRAY<STRING>, consequent STRING, basket_count BIGINT"
    sql = RULES % (float(settings.min_lift), float(settings.max_q_value))
    return Query(sql, {"rules": "gold.basket_rules"}, answers=f"{columns}, confidence DOUBLE, lift DOUBLE")


def cross_sell_query(level: str, word_count: int, of_rules: Mapping[str, Table], settings: Settings) -> Query:
    """The table's rows.

    Args:
        of_rules: the tables of `rule_tables`, and `reasons`.
    """
    tables: dict[str, Table] = {**item_tables(level), "customer_map": "identity.customer_map", **of_rules}
    offers = offers_sql(item_lines_sql(level), word_count, settings)
    return Query(with_reasons_sql(offers), tables, answers=WRITES)


def of_level(rules: list[dict[str, Any]], level: str) -> list[dict[str, Any]]:
    """The rules of one level of the hierarchy; by product where no product says what it is at that level."""
    return [r for r in rules if r["level"] == level] or [r for r in rules if r["level"] == PRODUCT_LEVEL]


def ranked(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules with strength 1 for the surest; equal confidence goes by lift, then by baskets."""
    surest = sorted(rules, key=lambda r: (-r["confidence"], -r["lift"], -r["basket_count"], r["rule_id"]))
    return [{**rule, "strength": strength} for strength, rule in enumerate(surest, start=1)]


def item_numbers(rules: list[dict[str, Any]]) -> dict[str, int]:
    """A number for each item that rules speak of, from 0, in order of name."""
    names = {item for rule in rules for item in (*rule["antecedent"], rule["consequent"])}
    return {name: number for number, name in enumerate(sorted(names))}


def word_count(rules: list[dict[str, Any]]) -> int:
    """How many BIGINT columns the items need; at least one."""
    return max(1, -(-len(item_numbers(rules)) // WORD_BITS))


def rule_tables(rules: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The rules as numbers, as small as the counting of them could hold.

    Returns:
        numbers: item, number, word, bit; one row per item.
        rules: strength, consequent, first_item, needs_0, ...; one row per rule, the antecedent as bits.
    """
    numbers = item_numbers(rules)
    items = {
        "item": pa.array(numbers, pa.string()),
        "number": pa.array(numbers.values(), pa.int32()),
        "word": pa.array([n // WORD_BITS for n in numbers.values()], pa.int32()),
        "bit": pa.array([words([n], n // WORD_BITS) for n in numbers.values()], pa.int64()),
    }
    antecedents = [[numbers[item] for item in rule["antecedent"]] for rule in rules]
    needs = {f"needs_{w}": pa.array([words(a, w) for a in antecedents], pa.int64()) for w in range(word_count(rules))}
    columns = {
        "strength": pa.array([rule["strength"] for rule in rules], pa.int32()),
        "consequent": pa.array([numbers[rule["consequent"]] for rule in rules], pa.int32()),
        "first_item": pa.array([min(a) for a in antecedents], pa.int32()),
    }
    return {"numbers": pa.table(items), "rules": pa.table(columns | needs)}


def words(numbers: list[int], word: int) -> int:
    """The bits of these item numbers that lie in one word, as a signed 64-bit number."""
    bits = sum(1 << (n % WORD_BITS) for n in set(numbers) if n // WORD_BITS == word)
    return bits - (1 << WORD_BITS) if bits >> (WORD_BITS - 1) else bits


def offers_sql(lines: str, word_count: int, settings: Settings) -> str:
    """The offers as a query for both engines.

    sold: what was bought, by guests too; fired: the surest rule whose whole antecedent the customer bought (no rule is
    looked at twice for a customer: it is met at its first item); candidates: per customer and consequent the most
    popular product of it that the customer has never bought.

    Args:
        lines: a query for account_id, product_id, item.
    """
    has = ", ".join(f"bit_or(CASE WHEN word = {w} THEN bit ELSE 0 END) AS has_{w}" for w in range(word_count))
    fires = " AND ".join(f"(h.has_{w} & r.needs_{w}) = r.needs_{w}" for w in range(word_count))
    wanted = "AND b.is_new_item" if settings.new_items_only else ""
    return f"""
    WITH lines AS ({lines}),
    sold AS (
        SELECT l.account_id, l.product_id, n.number, n.word, n.bit, count(*) AS line_count
        FROM lines l JOIN {{numbers}} n ON l.item = n.item
        GROUP BY l.account_id, l.product_id, n.number, n.word, n.bit),
    customer_items AS (
        SELECT DISTINCT m.customer_id, s.number, s.word, s.bit
        FROM sold s JOIN {{customer_map}} m ON s.account_id = m.account_id),
    has AS (SELECT customer_id, {has} FROM customer_items GROUP BY customer_id),
    fired AS (
        SELECT i.customer_id, r.consequent, min(r.strength) AS strength
        FROM customer_items i JOIN has h ON i.customer_id = h.customer_id
        JOIN {{rules}} r ON r.first_item = i.number AND {fires}
        GROUP BY i.customer_id, r.consequent),
    best AS (
        SELECT f.customer_id, f.consequent, f.strength, o.customer_id IS NULL AS is_new_item
        FROM fired f LEFT JOIN customer_items o ON o.customer_id = f.customer_id AND o.number = f.consequent),
    product_lines AS (
        SELECT number, product_id, sum(line_count) AS line_count FROM sold
        WHERE number IN (SELECT consequent FROM {{rules}}) GROUP BY number, product_id),
    popular AS (
        SELECT number, product_id,
               row_number() OVER (PARTITION BY number ORDER BY line_count DESC, product_id) AS popularity
        FROM product_lines),
    offered AS (SELECT * FROM popular WHERE popularity <= {settings.products_per_consequent:d}),
    owned AS (
        SELECT DISTINCT m.customer_id, s.product_id FROM sold s
        JOIN {{customer_map}} m ON s.account_id = m.account_id
        WHERE s.product_id IN (SELECT product_id FROM offered)),
    candidates AS (
        SELECT b.customer_id, b.strength, b.is_new_item, o.product_id,
               row_number() OVER (PARTITION BY b.customer_id, b.consequent ORDER BY o.popularity) AS place
        FROM best b JOIN offered o ON o.number = b.consequent
        LEFT JOIN owned w ON w.customer_id = b.customer_id AND w.product_id = o.product_id
        WHERE w.product_id IS NULL {wanted}),
    in_order AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY is_new_item DESC, strength, product_id) AS turn
        FROM candidates WHERE place = 1)
    SELECT customer_id, product_id, is_new_item, strength, CAST(turn AS INT) AS rank
    FROM in_order WHERE turn <= {settings.recommendations_per_customer:d}"""


def reasons(rules: list[dict[str, Any]]) -> pa.Table:
    """strength, rule_id, antecedent, consequent, confidence, lift of each rule, and the reason that it gives."""
    kinds = {
        "strength": pa.int32(),
        "rule_id": pa.string(),
        "antecedent": pa.list_(pa.string()),
        "consequent": pa.string(),
        "confidence": pa.float64(),
        "lift": pa.float64(),
        "reason": pa.string(),
    }
    with_reasons = [{**rule, "reason": reason(rule)} for rule in rules]
    return pa.table({name: pa.array([rule[name] for rule in with_reasons], kind) for name, kind in kinds.items()})


def reason(rule: dict[str, Any]) -> str:
    """A rule in words, for the person who makes the offer."""
    bought, lift = " + ".join(rule["antecedent"]), rule["lift"]
    share = math.floor(rule["confidence"] * 100 + 0.5)  # halves up, as people round
    return (
        f"bought {bought}; {share} % of baskets with that also hold {rule['consequent']}, "
        f"{lift:.1f} times the share of all baskets"
    )


def with_reasons_sql(offers: str) -> str:
    """The offers with their rule, over {reasons} too."""
    return f"""
    SELECT o.customer_id, o.product_id, o.is_new_item, o.rank, r.rule_id, r.antecedent, r.consequent, r.confidence,
           r.lift, r.reason
    FROM ({offers}) o JOIN {{reasons}} r ON o.strength = r.strength"""
