"""From which columns an answer's columns are made."""

import pyarrow as pa
import pytest

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.sql.lineage import ROWS, Tracer
from lakehouse.sql.qualified import Looker
from lakehouse.sql.query import Made, Query

TABLES = {
    "rfm": "gold.customer_rfm",
    "life": "gold.life_cycle",
    "golden": "identity.golden_customers",
    "people": "silver.customers",
    "ledger": "identity.customer_id_ledger",
}


@pytest.fixture(scope="module")
def tracer() -> Tracer:
    return Tracer(Looker(Contracts(Conf())))


@pytest.fixture
def trace(tracer):
    def traced(sql, tables=TABLES, **steps):
        found = tracer.trace(Query(sql, tables, steps))
        return {name: sorted(of) for name, of in found.items() if name != ROWS}

    return traced


def test_a_column_is_made_of_all_that_stands_in_its_expression(trace):
    sql = """SELECT r.spend / r.order_count AS mean, 'gold' AS word,
                    CASE WHEN r.r_score > 3 THEN r.rfm_segment ELSE 'none' END AS name FROM {rfm} r"""

    assert trace(sql) == {
        "mean": ["gold.customer_rfm.order_count", "gold.customer_rfm.spend"],
        "word": [],
        "name": ["gold.customer_rfm.r_score", "gold.customer_rfm.rfm_segment"],
    }


def test_it_is_followed_through_steps_parts_and_subqueries(trace):
    sql = """WITH named AS (SELECT customer_id AS who, top FROM {best})
             SELECT x.who, x.top + 1 AS top, (SELECT max(l.since) FROM {life} l) AS last FROM (SELECT * FROM named) x"""

    assert trace(sql, best="SELECT customer_id, max(spend) AS top FROM {rfm} GROUP BY customer_id") == {
        "who": ["gold.customer_rfm.customer_id"],
        "top": ["gold.customer_rfm.spend"],
        "last": ["gold.life_cycle.since"],
    }


def test_a_union_is_made_of_what_stands_in_the_same_place(trace):
    sql = """SELECT customer_id AS who, rfm_segment AS name FROM {rfm}
             UNION ALL SELECT customer_id, state FROM {life} UNION ALL SELECT 'x', 'y'"""

    assert trace(sql) == {
        "who": ["gold.customer_rfm.customer_id", "gold.life_cycle.customer_id"],
        "name": ["gold.customer_rfm.rfm_segment", "gold.life_cycle.state"],
    }


def test_a_window_counts_with_what_it_orders_by(trace):
    sql = "SELECT row_number() OVER (PARTITION BY r_score ORDER BY spend) AS place FROM {rfm}"

    assert trace(sql) == {"place": ["gold.customer_rfm.r_score", "gold.customer_rfm.spend"]}


def test_an_element_comes_from_the_array_that_is_exploded(trace):
    sql = "SELECT s.confidence AS sure FROM {golden} g LATERAL VIEW explode(g.sources) t AS s"

    assert trace(sql) == {"sure": ["identity.golden_customers.sources"]}


@pytest.mark.parametrize("source", ["{people}", "(SELECT * FROM {people}) p"])
def test_what_is_turned_from_columns_to_rows_comes_from_each_of_them(trace, source):
    sql = f"SELECT account_id, attribute, value FROM {source} UNPIVOT (value FOR attribute IN (email, phone))"

    assert trace(sql) == {
        "account_id": ["silver.customers.account_id"],
        "attribute": [],
        "value": ["silver.customers.email", "silver.customers.phone"],
    }


def test_a_count_of_rows_comes_from_the_keys_of_what_is_counted(trace):
    assert trace("SELECT count(*) AS n FROM {rfm}") == {"n": ["gold.customer_rfm.customer_id"]}
    grouped = "SELECT count(*) AS n FROM (SELECT rfm_segment FROM {rfm} GROUP BY rfm_segment) s"
    assert trace(grouped) == {"n": ["gold.customer_rfm.rfm_segment"]}


def test_a_recursive_part_is_made_of_what_it_begins_with(trace):
    sql = """WITH RECURSIVE gone AS (SELECT customer_id, other_customer_id AS target FROM {ledger}),
             paths (customer_id, target, hops) AS (
                SELECT customer_id, target, 1 FROM gone
                UNION ALL SELECT p.customer_id, g.target, p.hops + 1
                FROM paths p JOIN gone g ON p.target = g.customer_id WHERE p.hops < 9)
             SELECT customer_id, target FROM paths"""

    assert trace(sql) == {
        "customer_id": ["identity.customer_id_ledger.customer_id"],
        "target": ["identity.customer_id_ledger.other_customer_id"],
    }


def test_settings_make_no_sources_and_what_a_run_makes_says_its_own(trace):
    made = Made({"n": "INT", "place": "INT"}, {"n": ("gold.basket_rules.lift",)})
    tables = {"settings": pa.table({"n": [1]}), "made": made}

    assert trace("SELECT m.n, m.place, s.n AS own FROM {made} m CROSS JOIN {settings} s", tables) == {
        "n": ["gold.basket_rules.lift"],
        "place": [],
        "own": [],
    }


def test_an_answer_that_another_query_asks_is_followed_on(trace):
    inner = Query("SELECT customer_id AS who, spend FROM {rfm}", {"rfm": "gold.customer_rfm"})

    assert trace("SELECT spend AS paid FROM {facts}", {"facts": inner}) == {"paid": ["gold.customer_rfm.spend"]}
