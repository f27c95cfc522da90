"""Gold: what is sold as a product and is no goods, proposed for `excluded_items`.

Reads   silver.order_lines, silver.products
Writes  gold.non_merchandise, one row per item and level of the hierarchy that looks like no goods

Postage is the favourite of nobody, and a voucher goes well with everything. What is listed in conf/ is left out by the
jobs that say so; what is listed nowhere is named in the night's notes.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from jobs.gold.settings.basket_rules import Settings as BasketSettings
from jobs.gold.settings.customer_profile import Settings as ProfileSettings
from jobs.gold.settings.follow_on_rules import Settings as FollowOnSettings
from jobs.gold.settings.non_merchandise import Settings
from jobs.gold.settings.recommendations import Settings as RecommendationSettings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.literal import in_query_listed, in_query_literal
from lakehouse.sql.query import Query, Table

READS = ("silver.order_lines", "silver.products")
WRITES = "gold.non_merchandise"
DEPENDS_ON_RUN_DATE = True
CONF = ("non_merchandise", "customer_profile", "basket_rules", "follow_on_rules", "recommendations")
LEVELS = ("department", "product_category", "product_type")
MOST_NAMED = 12  # in a note; the table has all
LINEAGE = {WRITES: {"item_level": (), "reason": ("silver.products.product_name", "silver.order_lines.product_id")}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Look at what was sold, and propose what is listed nowhere."""
    listed = listed_items(lake.conf)
    rows = lake.materialise(non_merchandise_query(run_date, settings, listed), settings.max_items)
    lake.publish(WRITES, lake.rows(kept_query(rows), settings.max_items), run_date)
    if new := lake.fetch(unlisted_query(rows)).to_pylist():
        lake.note(WRITES, proposal([row["item"] for row in new]))


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    rows = non_merchandise_query(run_date, settings, listed_items(conf))
    yield from (rows, kept_query(rows), unlisted_query(rows))


def listed_items(conf: Conf) -> list[str]:
    """What some list of excluded_items names already."""
    lists = (
        conf.settings("customer_profile", ProfileSettings).excluded_items,
        conf.settings("basket_rules", BasketSettings).excluded_items,
        conf.settings("follow_on_rules", FollowOnSettings).excluded_items,
        conf.settings("recommendations", RecommendationSettings).catalogue.excluded_items,
    )
    return sorted({item for items in lists for item in items})


def proposal(items: Sequence[str]) -> str:
    """What looks like no goods and is listed nowhere, as a line of YAML."""
    shown = ", ".join(f'"{item}"' for item in items[:MOST_NAMED])
    more = f" and {len(items) - MOST_NAMED} more in this table" if len(items) > MOST_NAMED else ""
    return (
        f"these look like no goods; where they are none, write excluded_items: [{shown}]{more} in "
        "customer_profile.yaml (favourites), churn.yaml (kinds of things bought), basket_rules.yaml, "
        "follow_on_rules.yaml and, under catalogue, recommendations.yaml"
    )


def non_merchandise_query(run_date: date, settings: Settings, listed: Sequence[str]) -> Query:
    """The table's rows."""
    tables: dict[str, Table] = {table.split(".")[1]: table for table in READS}
    return Query(rows_sql(settings, listed), tables, steps(run_date, settings), answers=WRITES)


def kept_query(rows: Table) -> Query:
    """The table's rows, once they are computed."""
    return Query("SELECT * FROM {rows}", {"rows": rows}, answers=WRITES)


def unlisted_query(rows: Table) -> Query:
    """What is listed nowhere, the most sold first."""
    sql = "SELECT item FROM {rows} WHERE NOT is_listed ORDER BY line_count DESC, item"
    return Query(sql, {"rows": rows}, answers="item STRING")


def steps(run_date: date, settings: Settings) -> dict[str, str]:
    """sold: one row per product; named: one row per item of every level, with what says that it is no goods."""
    says = says_sql("name", settings)
    by_level = " UNION ALL ".join(
        f"""SELECT '{level}' AS item_level, {level} AS item, {level} AS name, sum(line_count) AS line_count,
                   sum(cents) AS cents, false AS is_odd
            FROM {{described}} WHERE {level} IS NOT NULL GROUP BY {level}"""
        for level in LEVELS
    )
    return {
        "sold": f"""
            SELECT product_id, count(*) AS line_count, sum(sales_cents) AS cents,
                   avg(CAST(sales_cents AS DOUBLE) / nullif(quantity, 0)) AS price,
                   stddev_pop(CAST(sales_cents AS DOUBLE) / nullif(quantity, 0)) AS spread
            FROM {{order_lines}} WHERE product_id IS NOT NULL AND order_date <= DATE '{run_date}'
            GROUP BY product_id""",
        "odd": """
            SELECT avg(CASE WHEN product_id RLIKE '[0-9]' THEN 0.0D ELSE 1.0D END) AS odd_share FROM {sold}""",
        "described": f"""
            SELECT s.*, p.department, p.product_category, p.product_type, p.product_name,
                   o.odd_share <= {settings.odd_number_share!r}D AND NOT s.product_id RLIKE '[0-9]'
                   AND (s.spread > {settings.odd_price_spread!r}D * abs(s.price) OR s.cents < 0) AS is_odd
            FROM {{sold}} s CROSS JOIN {{odd}} o LEFT JOIN {{products}} p ON s.product_id = p.product_id""",
        "named": f"""
            {by_level} UNION ALL
            SELECT 'product_id' AS item_level, product_id AS item, coalesce(product_name, product_id) AS name,
                   line_count, cents, is_odd FROM {{described}}""",
        "said": f"""SELECT *, {says} AS word FROM {{named}}""",
    }


def rows_sql(settings: Settings, listed: Sequence[str]) -> str:
    """The rows of the step {said} that look like no goods."""
    names = in_query_listed(listed)
    return f"""
    SELECT item_level, item, name, CASE WHEN word IS NOT NULL THEN concat('its name says ', word)
               ELSE 'its number is unlike those of other products, and so is its price' END AS reason,
           CAST(line_count AS BIGINT) AS line_count, CAST(CAST(cents AS DECIMAL(38,0)) / 100 AS DECIMAL(18,2)) AS spend,
           coalesce(item IN ({names}), false) AS is_listed
    FROM {{said}} WHERE word IS NOT NULL OR is_odd
    ORDER BY line_count DESC, item_level, item LIMIT {settings.max_items:d}"""


def says_sql(name: str, settings: Settings) -> str:
    """The word by which a name says that it is no goods, NULL where it does not; in small letters."""
    small = f"lower(trim({name}))"
    plain, dense = split(settings.words)
    cases = [f"WHEN {small} IN ({in_query_listed(settings.whole_names)}) THEN {small}"]
    for words, pattern in ((plain, "(^|[^\\p{{L}}])({0})s?($|[^\\p{{L}}])"), (dense, "()({0})")):
        if words:
            regex = in_query_literal(pattern.format("|".join(re.escape(word) for word in words)))
            cases.append(f"WHEN {small} RLIKE {regex} THEN regexp_extract({small}, {regex}, 2)")
    return f"CASE {' '.join(cases)} END"


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words of scripts with blanks between them, and of those without; in small letters, the longest first."""
    ordered = sorted({word.lower() for word in words}, key=lambda word: (-len(word), word))
    dense = [word for word in ordered if any(ord(sign) >= 0x3000 for sign in word)]
    return [word for word in ordered if word not in dense], dense
