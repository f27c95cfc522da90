"""Identity: the best known value of each attribute of a customer.

Reads   silver.customers, identity.customer_map
Writes  identity.golden_customers, one row per customer

A value that most accounts agree on wins, then the most recent, then the first in the alphabet.
"""

from datetime import date

from jobs.config import Profile
from jobs.lake import Lake

READS = ("silver.customers", "identity.customer_map")
WRITES = "identity.golden_customers"
TABLES = {"customers": READS[0], "customer_map": READS[1]}
TEXTS = ("given_name", "surname", "sex", "email", "phone", "street_number", "address_1", "address_2", "suburb", "city",
         "postcode", "state", "country")  # fmt: skip


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    most = lake.row_count("identity.customer_map")
    lake.publish(WRITES, lake.select(golden_sql(), TABLES, most), run_date)


def golden_sql() -> str:
    """One row per customer: the surviving values, its channels and its first account. A query for both engines.

    heads: of every customer, also of one without any value; told: what each account says, one row per attribute;
    votes: per customer, attribute and value; ranked: the surviving value has turn 1.
    """
    texts = ", ".join(f"nullif(trim(c.{name}), '') AS {name}" for name in TEXTS)
    best = ", ".join(f"max(CASE WHEN attribute = '{name}' THEN value END) AS {name}" for name in TEXTS)
    names = ", ".join(TEXTS)
    return f"""
    WITH mapped AS (
        SELECT m.customer_id, {texts}, CAST(c.birth_date AS STRING) AS birth_date,
               coalesce(c.updated_at, c.registered_at) AS told_at
        FROM {{customer_map}} m JOIN {{customers}} c ON m.account_id = c.account_id),
    told AS (SELECT * FROM mapped UNPIVOT (value FOR attribute IN ({names}, birth_date))),
    votes AS (
        SELECT customer_id, attribute, value, count(*) AS votes, max(told_at) AS told_at
        FROM told GROUP BY customer_id, attribute, value),
    ranked AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id, attribute
                                     ORDER BY votes DESC, told_at DESC NULLS LAST, value) AS turn
        FROM votes),
    best AS (
        SELECT customer_id, {best},
               CAST(max(CASE WHEN attribute = 'birth_date' THEN value END) AS DATE) AS birth_date
        FROM ranked WHERE turn = 1 GROUP BY customer_id),
    heads AS (
        SELECT customer_id, CAST(count(*) AS INT) AS account_count, array_sort(collect_set(channel)) AS channels
        FROM {{customer_map}} GROUP BY customer_id),
    firsts AS (
        SELECT customer_id, account_id AS first_account_id,
               row_number() OVER (PARTITION BY customer_id ORDER BY arrived_on, account_id) AS turn
        FROM {{customer_map}})
    SELECT h.customer_id, {names}, birth_date, h.account_count, h.channels, f.first_account_id
    FROM heads h JOIN firsts f ON h.customer_id = f.customer_id AND f.turn = 1
    LEFT JOIN best b ON h.customer_id = b.customer_id"""
