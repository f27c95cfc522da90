"""What can be known of a query without an engine: its columns, their types, and names that nothing has."""

import pyarrow as pa
import pytest

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.sql.qualified import Looker
from lakehouse.sql.query import Made, Query
from lakehouse.sql.types import fits

RFM = {"rfm": "gold.customer_rfm"}


@pytest.fixture(scope="module")
def looker() -> Looker:
    return Looker(Contracts(Conf()))


def columns(looker: Looker, sql: str, tables, **steps: str):
    return looker.look(Query(sql, tables, steps)).columns


def problems(looker: Looker, sql: str, tables, **steps: str):
    return looker.look(Query(sql, tables, steps)).problems


def test_columns_have_the_types_of_their_contract(looker):
    found = columns(looker, "SELECT customer_id, spend, r_score + 1 AS more FROM {rfm}", RFM)

    assert found == {"customer_id": "STRING", "spend": "DECIMAL(18, 2)", "more": "INT"}


def test_a_star_is_all_columns_through_steps_and_subqueries(looker):
    found = columns(looker, "SELECT * FROM (SELECT b.* FROM {best} b) x", RFM, best="SELECT rfm_segment FROM {rfm}")

    assert found == {"rfm_segment": "STRING"}


def test_numbers_keep_the_width_that_spark_gives_them(looker):
    sql = """SELECT coalesce(r_score, 0) AS score, count(*) AS n, CAST(sum(order_count) AS BIGINT) AS orders,
                    row_number() OVER (ORDER BY r_score) AS place, if(r_score > 1, r_score, 1) AS some
             FROM {rfm} GROUP BY r_score"""

    assert columns(looker, sql, RFM) == {
        "score": "INT",
        "n": "BIGINT",
        "orders": "BIGINT",
        "place": "INT",
        "some": "INT",
    }


def test_a_union_takes_the_names_of_its_first_part_and_types_of_the_first_that_has_one(looker):
    sql = "SELECT NULL AS spend FROM {rfm} UNION ALL SELECT r.spend FROM {rfm} r"

    assert columns(looker, sql, RFM) == {"spend": "DECIMAL(18, 2)"}


def test_rows_in_memory_and_rows_of_a_run_have_columns_too(looker):
    tables = {"one": pa.table({"n": pa.array([1], pa.int64())}), "other": Made({"n": "BIGINT", "word": "STRING"})}

    assert columns(looker, "SELECT o.n, t.word FROM {one} o JOIN {other} t ON o.n = t.n", tables) == {
        "n": "BIGINT",
        "word": "STRING",
    }


def test_the_answer_of_another_query_has_its_columns(looker):
    inner = Query("SELECT customer_id AS who FROM {rfm}", RFM)

    assert columns(looker, "SELECT who FROM {people}", {"people": inner}) == {"who": "STRING"}


def test_an_unknown_column_is_named_with_the_nearest(looker):
    assert problems(looker, "SELECT r.spent FROM {rfm} r", RFM) == (
        ("there is no column 'spent'", "did you mean 'spend'?"),
    )
    assert problems(looker, "SELECT spent FROM {rfm}", RFM) == (
        ("there is no column 'spent'", "did you mean 'spend'?"),
    )


def test_an_unknown_column_of_a_step_says_which_step(looker):
    (found,) = problems(looker, "SELECT * FROM {best}", RFM, best="SELECT custmer_id FROM {rfm}")

    assert found == ("step best: there is no column 'custmer_id'", "did you mean 'customer_id'?")


def test_a_name_in_braces_that_nothing_stands_behind_is_named(looker):
    (found,) = problems(looker, "SELECT 1 AS n FROM {rmf}", RFM)

    assert found == ("{rmf} is no table and no earlier step", "did you mean 'rfm'?")


def test_a_step_cannot_look_ahead(looker):
    (found,) = problems(looker, "SELECT * FROM {a}", RFM, a="SELECT * FROM {b}", b="SELECT * FROM {rfm}")

    assert found[0] == "step a: {b} is no table and no earlier step"


def test_a_table_without_a_contract_is_named(looker):
    found = problems(looker, "SELECT * FROM {rfm}", {"rfm": "gold.custmer_rfm"})

    assert found[0] == ("table gold.custmer_rfm has no contract", "did you mean 'gold.customer_rfm'?")


def test_a_text_that_is_no_select_is_said_to_be_none(looker):
    assert problems(looker, "SELECT FROM WHERE", RFM)[0][0] == "this is no SQL"


@pytest.mark.parametrize(
    ("answered", "declared", "is_fit"),
    [
        ("INT", "BIGINT", True),
        ("BIGINT", "INT", False),
        ("DOUBLE", "BIGINT", False),
        ("DECIMAL(18, 2)", "DECIMAL(18,2)", True),
        ("DECIMAL(20, 2)", "DECIMAL(18,2)", False),
        ("DECIMAL", "DECIMAL(18,2)", True),
        ("STRING", "DATE", False),
        ("ARRAY<STRING>", "ARRAY<STRING>", True),
        ("ARRAY<INT>", "ARRAY<STRING>", False),
        ("", "DATE", True),
    ],
)
def test_types_fit_where_every_value_has_its_like(answered, declared, is_fit):
    assert fits(answered, declared) is is_fit
