"""Tables without Spark's Delta code: what Spark reads and writes, this must read and write alike."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest
from delta.tables import DeltaTable as SparkTable
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import functions as F

from lakehouse.contracts.contract import Column, Contract
from lakehouse.delta import rs_tables, spark_writer
from lakehouse.errors import LakehouseError

COLUMNS = (
    Column("k", "STRING", "key", required=True, key=True),
    Column("kind", "STRING", "of two", required=True, enum=("a", "it's")),
    Column("n", "INT", "number"),
)
THINGS = Contract("gold.things", "1.0.0", "one row per thing", COLUMNS, {"publish": "merge"})
TEXT, MERGE = "lakehouse.contract", "merge"


def rows(*found: tuple[str, str, int | None]) -> pa.Table:
    columns = list(zip(*found, strict=True)) or [[], [], []]
    return pa.table({"k": pa.array(columns[0]), "kind": pa.array(columns[1]), "n": pa.array(columns[2], pa.int32())})


def made(path: str, contract: Contract = THINGS) -> str:
    rs_tables.create(path, contract, spark_writer.table_properties(contract))
    return path


def commit(path: str, table: pa.Table, mode: str, contract: Contract = THINGS) -> None:
    rs_tables.commit(path, contract, table, mode, {"run_date": "2017-10-01"})


def scanned(spark, path: str) -> list[tuple]:
    found = rs_tables.scan(spark, path, DeltaTable(path).version())
    assert found is not None
    return sorted(tuple(row) for row in found.collect())


def test_spark_reads_what_was_committed_and_keeps_to_its_constraints(spark, tmp_path):
    path = made(str(tmp_path / "t"))
    commit(path, rows(("1", "a", 1), ("2", "it's", None)), "replace")
    commit(path, rows(("2", "a", 5), ("3", "a", 3)), MERGE)

    by_delta = sorted(tuple(row) for row in spark.read.format("delta").load(path).collect())
    assert by_delta == scanned(spark, path) == [("1", "a", 1), ("2", "a", 5), ("3", "a", 3)]
    with pytest.raises(Exception, match=r"CHECK|constraint"):
        spark.createDataFrame([("4", "odd", 1)], "k STRING, kind STRING, n INT").write.format("delta").mode(
            "append"
        ).save(path)


def test_rows_that_a_deletion_vector_took_are_left_to_sparks_reader(spark, tmp_path):
    path = str(tmp_path / "t")
    spark.range(100).select(F.col("id").cast("string").alias("k")).coalesce(1).write.format("delta").option(
        "delta.enableDeletionVectors", "true"
    ).save(path)
    assert rs_tables.files(path, 0) is not None

    SparkTable.forPath(spark, path).delete("k = '7'")

    assert rs_tables.files(path, DeltaTable(path).version()) is None
    assert spark.read.format("delta").load(path).count() == 99


def test_a_clone_of_a_table_is_left_to_sparks_reader(spark, tmp_path):
    source = made(str(tmp_path / "source"))
    commit(source, rows(("1", "a", 1)), "replace")
    spark_writer.clone(spark, source, DeltaTable(source).version(), str(tmp_path / "clone"))

    assert rs_tables.files(str(tmp_path / "clone"), 0) is None


def test_constraints_that_a_killed_night_left_out_are_added(tmp_path):
    path = str(tmp_path / "t")
    DeltaTable.create(path, schema=rs_tables.arrow_schema(THINGS))

    made(path)

    assert "delta.constraints.kind_known" in DeltaTable(path).metadata().configuration


def test_a_constraint_takes_the_values_that_the_contract_added_and_is_else_left_alone(tmp_path):
    path = made(str(tmp_path / "things"))
    version = DeltaTable(path).version()
    made(path)
    assert DeltaTable(path).version() == version
    kinds = (COLUMNS[0], replace(COLUMNS[1], enum=("a", "it's", "new")), COLUMNS[2])
    wider = replace(THINGS, version="1.1.0", columns=kinds)
    made(path, wider)
    commit(path, rows(("k1", "new", 1)), "append", wider)
    with pytest.raises(LakehouseError):
        commit(path, rows(("k2", "other", 1)), "append", wider)


@pytest.mark.parametrize("mode", ["append", "merge"])
def test_a_contract_may_add_a_column_and_describe_another_anew(tmp_path, mode):
    path = made(str(tmp_path / "things"))
    commit(path, rows(("k1", "a", 1)), mode)
    told = (COLUMNS[0], COLUMNS[1], replace(COLUMNS[2], description="how many"), Column("m", "INT", "more"))
    wider = replace(THINGS, version="1.1.0", columns=told)
    made(path, wider)
    more = rows(("k2", "a", 2)).append_column("m", pa.array([3], pa.int32()))
    commit(path, more, mode, wider)
    assert DeltaTable(path).to_pyarrow_table().sort_by("k")["m"].to_pylist() == [None, 3]


def test_a_replaced_table_takes_the_types_of_its_contract(spark, tmp_path):
    path = made(str(tmp_path / "t"))
    commit(path, rows(("1", "a", 1)), "replace")
    wider = Contract("gold.things", "2.0.0", "one row per thing", (*COLUMNS[:2], Column("n", "DOUBLE", "number")))

    commit(path, rows(("1", "a", 1)).set_column(2, "n", pa.array([1.7])), "replace", wider)

    assert scanned(spark, path) == [("1", "a", 1.7)]


def test_a_refused_commit_names_the_table_and_no_value(tmp_path):
    path = made(str(tmp_path / "t"))
    with pytest.raises(LakehouseError, match=r"gold\.things: the commit was refused") as caught:
        commit(path, rows(("1", "SECRET-TOKEN", 1)), "append")
    assert "SECRET-TOKEN" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_appended_rows_carry_the_version_that_brought_them(spark, tmp_path):
    path = str(tmp_path / "t")
    for n in range(3):
        write_deltalake(path, pa.table({"k": [f"k{n}"]}), mode="append")

    new = rs_tables.appended(spark, path, 0, 2)

    assert sorted(tuple(row) for row in new.collect()) == [("k1", 1), ("k2", 2)]
    assert rs_tables.appended(spark, path, 2, 2).collect() == []


def test_commits_that_log_cleaning_took_are_left_to_spark(spark, tmp_path):
    path = str(tmp_path / "t")
    for n in range(3):
        write_deltalake(path, pa.table({"k": [f"k{n}"]}), mode="append")
    DeltaTable(path).create_checkpoint()
    (tmp_path / "t" / "_delta_log" / f"{1:020d}.json").unlink()

    assert rs_tables.appended(spark, path, 0, 2) is None


def test_the_contracts_name_stands_among_the_properties(tmp_path):
    path = made(str(tmp_path / "t"))
    assert DeltaTable(path).metadata().configuration[TEXT] == "gold.things"
    commit(path, rows(("1", "a", 1)), "replace")
    recorded = json.loads(DeltaTable(path).history(1)[0]["userMetadata"])
    assert recorded.pop("commit_id")  # by which a commit whose answer was lost is known again
    assert recorded == {"run_date": "2017-10-01"}
