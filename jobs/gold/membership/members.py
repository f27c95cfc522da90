"""Whom each rule holds for tonight, and what it saw: one query for both engines.

DuckDB answers what both engines answer alike (conditions.agree); what they might not, Spark does.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from jobs.gold.membership import conditions
from jobs.gold.membership.conditions import ONE_ROW_PER_CUSTOMER, PROFILE
from jobs.gold.membership.definitions import Rule, named
from jobs.gold.settings.tags import FirstPurchase
from lakehouse.sql.literal import in_query, in_query_listed, in_query_literal
from lakehouse.sql.query import Query, Table

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

FACTS = ("silver.order_lines", "silver.products", "identity.customer_map")
TABLES = {table.split(".")[1]: table for table in (*ONE_ROW_PER_CUSTOMER, *FACTS)}
MEMBERS = "customer_id STRING, name STRING, evidence STRING"
NOBODY = "SELECT customer_id, '' AS name, '' AS evidence FROM {customer_profile} WHERE false"


def members(lake: "Lake", rules: Sequence[Rule], run_date: date) -> Table:
    """customer_id, name, evidence: one row per customer and rule in force that holds for them."""
    rules = [rule for rule in rules if not rule.closes]
    most = lake.row_count(ONE_ROW_PER_CUSTOMER[0]) * max(1, len(rules))
    alike = [rule for rule in rules if agree(rule)]
    others = [rule for rule in rules if not agree(rule)]
    try:
        answer = lake.materialise(members_query(alike, run_date), most)
    except duckdb.Error:  # a value that does not fit: Spark tells it as it tells its own
        return _by_spark(lake, rules, run_date)
    if not others:
        return answer
    if not isinstance(answer, pa.Table):
        return _by_spark(lake, rules, run_date)
    return together(answer, _by_spark(lake, others, run_date))


def together(one: pa.Table, other: Table) -> Table:
    """Rows of both."""
    rows = other if isinstance(other, pa.Table) else other.toArrow()  # type: ignore[union-attr]
    return pa.concat_tables([one, rows.select(one.column_names).cast(one.schema)])


def _by_spark(lake: "Lake", rules: Sequence[Rule], run_date: date) -> Table:
    query = members_query(rules, run_date)
    frames: dict[str, Table] = {n: lake.read(t) if isinstance(t, str) else t for n, t in query.tables.items()}
    most = lake.row_count(ONE_ROW_PER_CUSTOMER[0]) * max(1, len(rules))
    return lake.materialise(replace(query, tables=frames), most)


def needed(rules: Sequence[Rule]) -> dict[str, Table]:
    """The tables that these rules read, and their names."""
    tables = {PROFILE} | {name for rule in rules for name in _tables(rule)}
    return {**{name: TABLES[name] for name in sorted(tables)}, "rules": named(rules)}


def _tables(rule: Rule) -> set[str]:
    if rule.first_purchase_of is None:
        return {name for sql in (rule.when, rule.evidence) if sql for name in conditions.tables_of(sql)}
    return {"order_lines", "customer_map"} | ({"products"} if rule.first_purchase_of.category else set())


def agree(rule: Rule) -> bool:
    """Whether DuckDB may answer for Spark."""
    return all(conditions.agree(sql) for sql in (rule.when, rule.evidence) if sql)


def members_query(rules: Sequence[Rule], run_date: date) -> Query:
    """The query of `members`, over the tables that the rules read."""
    return Query(members_sql(rules, run_date), needed(rules), answers=MEMBERS)


def launch_query(event: FirstPurchase, run_date: date) -> Query:
    """When an event's products were first sold, and when anything was."""
    tables = {"order_lines": "silver.order_lines", "products": "silver.products"}
    return Query(launch_sql(event, run_date), tables, answers="first_sale DATE, first_line DATE")


def example_rules() -> list[Rule]:
    """Rules that name all a rule may name, for a check: a steward may write such ones any day."""
    others = [name.split(".")[1] for name in ONE_ROW_PER_CUSTOMER[1:]]
    known = " OR ".join(f"{name}.customer_id IS NOT NULL" for name in others)
    event = FirstPurchase(within_days=28, product=("a product",), category=("a category",))
    return [Rule("of every table", known, evidence="spend"), Rule("of a purchase", first_purchase_of=event)]


def members_sql(rules: Sequence[Rule], run_date: date) -> str:
    """The query of `members`: the profile is read once for all conditions, the lines once per purchase rule."""
    by_state = [rule for rule in rules if rule.first_purchase_of is None]
    parts = [_by_state_sql(by_state, run_date)] if by_state else []
    parts += [_first_purchase_sql(rule, rule.first_purchase_of, run_date) for rule in rules if rule.first_purchase_of]
    return " UNION ALL ".join(parts) or NOBODY


def _by_state_sql(rules: Sequence[Rule], run_date: date) -> str:
    def case(texts: dict[str, str], otherwise: str) -> str:
        whens = " ".join(f"WHEN {in_query_literal(name)} THEN {sql}" for name, sql in texts.items())
        return f"CASE rules.name {whens} ELSE {otherwise} END" if texts else otherwise

    holds = case({r.name: in_sql(r.when, run_date) for r in rules}, "false")
    saw = case(
        {r.name: f"CAST({in_sql(r.evidence, run_date)} AS STRING)" for r in rules if r.evidence}, "CAST(NULL AS STRING)"
    )
    joins = " ".join(
        f"LEFT JOIN {{{name}}} {name} ON {name}.customer_id = {PROFILE}.customer_id"
        for name in sorted({name for rule in rules for name in _tables(rule)})
    )
    return f"""
    SELECT {PROFILE}.customer_id, rules.name, {saw} AS evidence
    FROM {{{PROFILE}}} {PROFILE} {joins} CROSS JOIN {{rules}} rules WHERE {holds}"""


def in_sql(sql: str, run_date: date) -> str:
    """A steward's expression as part of a query whose tables stand in braces."""
    return in_query(f"({conditions.in_spark(sql, run_date)})")


def launch_sql(event: FirstPurchase, run_date: date) -> str:
    """first_sale (of the event's products) and first_line (of the lake), over {order_lines} and {products}."""
    return f"""
    SELECT min(CASE WHEN l.sales_cents > 0 AND ({_bought(event)}) THEN l.order_date END) AS first_sale,
           min(l.order_date) AS first_line
    FROM {{order_lines}} l WHERE l.account_id IS NOT NULL AND l.order_date <= DATE '{run_date}'"""


def _first_purchase_sql(rule: Rule, event: FirstPurchase, run_date: date) -> str:
    """Customers whose first sale line of the products is in the first days after the launch; refunds are no sales."""
    launch = "min(first_day) OVER ()" if event.of_launch == "first_sale" else f"DATE '{event.of_launch}'"
    saw = (
        "concat('first bought on ', CAST(first_day AS STRING), ', day ', CAST(datediff(first_day, launch) + 1 AS "
        "STRING), ' of the launch of ', CAST(launch AS STRING))"
    )
    still = f"AND date_add(first_day, {rule.valid_days}) > DATE '{run_date}'" if rule.valid_days else ""
    return f"""
    SELECT customer_id, {in_query_literal(rule.name)} AS name, {saw} AS evidence FROM (
        SELECT customer_id, first_day, {launch} AS launch FROM (
            SELECT m.customer_id, min(l.order_date) AS first_day
            FROM {{order_lines}} l JOIN {{customer_map}} m ON l.account_id = m.account_id
            WHERE l.sales_cents > 0 AND l.order_date <= DATE '{run_date}' AND ({_bought(event)})
            GROUP BY m.customer_id) firsts) launched
    WHERE datediff(first_day, launch) BETWEEN 0 AND {event.within_days - 1:d} {still}"""


def _bought(event: FirstPurchase) -> str:
    products, categories = (in_query_listed(names) if names else "" for names in (event.product, event.category))
    ways = [f"l.product_id IN ({products})"] if products else []
    if categories:
        ways.append(f"l.product_id IN (SELECT product_id FROM {{products}} WHERE product_category IN ({categories}))")
    return " OR ".join(ways)
