"""SQL without a JVM: Spark's dialect, layer names, the versions of a night."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from lakehouse.cli.main import main
from lakehouse.errors import ConfigError
from lakehouse.lake.reader import Reader
from lakehouse.sql.dialect import query, tables_of


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A lake with two small tables."""
    write_deltalake(f"{tmp_path}/gold/spend", pa.table({"customer_id": ["a", "b", "c"], "spend": [1.5, 2.5, None]}))
    write_deltalake(f"{tmp_path}/gold/segments", pa.table({"customer_id": ["a", "b"], "segment": ["x", "y"]}))
    return str(tmp_path)


def test_joins_groups_and_spark_functions(root):
    sql = """SELECT g.segment, count(*) AS n, sum(nvl(s.spend, 0)) AS spend FROM gold.spend s
             JOIN gold.segments g ON g.customer_id = s.customer_id GROUP BY 1 ORDER BY 1"""
    assert Reader(root).sql(sql).to_pylist() == [
        {"segment": "x", "n": 1, "spend": 1.5},
        {"segment": "y", "n": 1, "spend": 2.5},
    ]


def test_columns_may_carry_the_tables_name_and_with_parts_are_no_tables(root):
    sql = "WITH big AS (SELECT * FROM gold.spend WHERE gold.spend.spend > 2) SELECT customer_id FROM big"
    assert Reader(root).sql(sql).to_pylist() == [{"customer_id": "b"}]
    assert tables_of(query(sql)) == ["gold.spend"]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DROP TABLE gold.spend", "only queries"),
        ("SELECT FROM WHERE", "not SQL"),
        ("SELECT * FROM spend", "has no layer"),
        ("SELECT * FROM gold.nothing", "no table gold.nothing"),
        ("SELECT nothing FROM gold.spend", "the query failed"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_paragraph(root, sql, words):
    with pytest.raises(ConfigError, match=words):
        Reader(root).sql(sql)


def test_answers_as_csv_and_json(root, capsys):
    for form, expected in (("csv", "customer_id,spend\na,1.5\n"), ("json", '{"customer_id": "a", "spend": 1.5}\n')):
        sql = "SELECT customer_id, spend FROM gold.spend ORDER BY customer_id LIMIT 1"
        assert main(["sql", sql, "--lake", root, "--format", form]) == 0
        assert capsys.readouterr().out.replace("\r\n", "\n") == expected
