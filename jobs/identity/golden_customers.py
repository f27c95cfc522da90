"""Identity: the best known value of each attribute of a customer, with its source, the rule that chose it, how sure.

Reads   silver.customers, identity.customer_map
Writes  identity.golden_customers, one row per customer

Values and their sources stand in one row, so that they are always of the same night.
"""

import re
from collections.abc import Iterator
from datetime import date

from jobs.identity.golden.filling import fill_steps
from jobs.identity.golden.names import name_steps
from jobs.identity.golden.survivorship import survivor_steps
from jobs.identity.settings.golden_customers import ATTRIBUTES, Settings
from jobs.identity.settings.identity import Junk
from jobs.identity.settings.identity import Settings as IdentitySettings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("silver.customers", "identity.customer_map")
WRITES = "identity.golden_customers"
CONF = ("golden_customers", "identity")
TABLES = {"customers": READS[0], "customer_map": READS[1]}
WORDS = ("given_name", "surname", "suburb", "city", "address_1", "address_2", "state", "country")
# UNPIVOT puts all attributes into one column of the query; a value stays within its own attribute all the same
NAMES = ("silver.customers.given_name", "silver.customers.surname", "silver.customers.full_name")
LINEAGE = {
    WRITES: {
        **{name: (f"silver.customers.{name}",) for name in ATTRIBUTES},
        "given_name": NAMES,
        "surname": NAMES,
        "city": ("silver.customers.city", "silver.customers.postcode"),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Choose every customer's values again: a merge or split changes them in the same night."""
    junk = lake.conf.settings("identity", IdentitySettings).junk
    most = lake.row_count("identity.customer_map")
    lake.publish(WRITES, lake.rows(golden_query(settings, junk), most), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield golden_query(settings, conf.settings("identity", IdentitySettings).junk)


def golden_query(settings: Settings, junk: Junk) -> Query:
    """The table's rows."""
    return Query(golden_sql(), TABLES, golden_steps(settings, junk_values(junk)), answers=WRITES)


def junk_values(junk: Junk) -> dict[str, tuple[str, ...]]:
    """Per attribute, what means "unknown", as compared (lower case, no spaces)."""
    days = tuple(f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in junk.birth_dates)
    return {**dict.fromkeys(WORDS, junk.texts), "birth_date": days, "email": junk.emails, "phone": junk.phones}


def golden_steps(settings: Settings, junk: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Named steps from TABLES to what `golden_sql` puts together, for both engines.

    Args:
        junk: per attribute, values as compared that mean "unknown".
    """
    steps = {**name_steps(), **survivor_steps(settings, junk), **fill_steps(settings.fill), **_rows()}
    named = re.compile(rf"\b(FROM|JOIN) ({'|'.join(steps)})\b")
    return {name: named.sub(r"\1 {\2}", sql) for name, sql in steps.items()}


def golden_sql() -> str:
    """One row per customer, over the steps."""
    names = ", ".join(f"b.{name}" for name in ATTRIBUTES if name != "birth_date")
    return f"""
    SELECT h.customer_id, {names}, CAST(b.birth_date AS DATE) AS birth_date, h.account_count, h.channels,
           f.first_account_id, b.sources
    FROM {{heads}} h JOIN {{first_accounts}} f ON h.customer_id = f.customer_id AND f.turn = 1
    LEFT JOIN {{best}} b ON h.customer_id = b.customer_id"""


def _rows() -> dict[str, str]:
    """best: the survivors, one column each, with their sources; heads: of every customer, also one without values."""
    best = ", ".join(f"max(CASE WHEN attribute = '{name}' THEN value END) AS {name}" for name in ATTRIBUTES)
    return {
        "best": f"""
            SELECT customer_id, {best}, array_sort(collect_list(struct(attribute AS attribute,
                   source_account_id AS source_account_id, rule AS rule, round(confidence, 4) AS confidence,
                   method AS method))) AS sources
            FROM filled GROUP BY customer_id""",
        "heads": """
            SELECT customer_id, CAST(count(*) AS INT) AS account_count, array_sort(collect_set(channel)) AS channels
            FROM {customer_map} GROUP BY customer_id""",
        "first_accounts": """
            SELECT customer_id, account_id AS first_account_id,
                   row_number() OVER (PARTITION BY customer_id ORDER BY arrived_on, account_id) AS turn
            FROM {customer_map}""",
    }
