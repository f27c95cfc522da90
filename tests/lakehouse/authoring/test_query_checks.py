"""What is said of a query that is wrong, and of a job whose queries read other tables than it declares."""

from types import SimpleNamespace

import pytest

from lakehouse.authoring.lineage.query_checks import check, check_query
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.runs.graph import Job
from lakehouse.runs.job_queries import Asked
from lakehouse.sql.qualified import Looker
from lakehouse.sql.query import Query

SEGMENTS = "gold.segments"
LINE = f"{__name__.replace('.', '/')}.py"


@pytest.fixture(scope="module")
def looker() -> Looker:
    return Looker(Contracts(Conf()))


def said(looker: Looker, query: Query) -> list[str]:
    findings = Findings()
    check_query(query, looker, findings)
    return [item.line() for item in findings.items]


def of_job(looker: Looker, *queries: Query, **declared) -> list[str]:
    job = Job("jobs.gold.segments", (), (SEGMENTS,))
    job = Job(job.module, declared.get("reads", ()), declared.get("writes", job.writes))
    findings = Findings()
    module = SimpleNamespace(READS_PREVIOUS=declared.get("previous", ()))
    check([Asked(job, module, queries, declared.get("fault"))], looker, findings)
    return [item.line() for item in findings.items]


def present(sql: str, answers: str | None = SEGMENTS) -> Query:
    return Query(sql, {"history": "gold.segment_history"}, answers=answers)


RIGHT = "SELECT customer_id, segment, unbroken_since AS since FROM {history}"


def test_a_right_query_is_right(looker):
    assert said(looker, present(RIGHT)) == []


def test_an_unknown_column_is_named_with_the_function_that_wrote_it(looker):
    (found,) = said(looker, present(RIGHT.replace("unbroken_since", "unbroken_sinse")))

    where = f"{LINE}:{present.__code__.co_firstlineno}"
    assert found == f"{where}: there is no column 'unbroken_sinse'. did you mean 'unbroken_since'?"


def test_a_column_of_another_type_than_the_contract_says_is_named_with_both(looker):
    (found,) = said(looker, present(RIGHT.replace("unbroken_since", "CAST(unbroken_since AS STRING)")))

    assert "the query for gold.segments answers with 'since' of type STRING, declared is DATE" in found


def test_a_wider_number_than_declared_is_named_and_a_narrower_one_is_not(looker):
    assert said(looker, present("SELECT count(*) AS n FROM {history}", "n BIGINT")) == []
    assert said(looker, present("SELECT CAST(1 AS INT) AS n FROM {history}", "n BIGINT")) == []
    (found,) = said(looker, present("SELECT count(*) AS n FROM {history}", "n INT"))
    assert "answers with 'n' of type BIGINT, declared is INT" in found


def test_a_column_too_many_and_one_too_few_are_named(looker):
    found = said(looker, present("SELECT customer_id, segment, unbroken_since AS sinse FROM {history}"))

    assert [
        "'sinse', which is not declared. did you mean 'since'?" in found[0],
        "not answer with 'since'" in found[1],
    ] == [
        True,
        True,
    ]


def test_a_table_that_the_job_does_not_declare_is_named(looker):
    (found,) = of_job(looker, present(RIGHT))

    assert "gold.segment_history is read, and jobs.gold.segments does not declare it. add it to READS" in found


def test_what_last_night_left_is_declared_apart(looker):
    assert of_job(looker, present(RIGHT), previous=("gold.segment_history",)) == []


def test_a_table_behind_the_answer_of_another_query_counts(looker):
    inner = present("SELECT customer_id FROM {history}", "customer_id STRING")
    outer = Query("SELECT count(*) AS n FROM {people}", {"people": inner}, answers="n BIGINT")

    assert len(of_job(looker, outer)) == 1


def test_a_declared_table_that_no_query_reads_is_named_where_queries_fill_all_tables(looker):
    reads = ("gold.segment_history", "gold.life_cycle")

    (found,) = of_job(looker, present(RIGHT), reads=reads)

    assert "gold.life_cycle is in READS, and no query of the job reads it" in found
    assert of_job(looker, present(RIGHT), reads=reads, writes=(SEGMENTS, "gold.segment_history")) == []


def test_settings_that_cannot_be_rendered_are_named(looker):
    fault = ConfigError("the forbidden word '?' cannot be looked for", "recommendations.yaml", "use letters")

    assert of_job(looker, fault=fault) == [
        "recommendations.yaml: the forbidden word '?' cannot be looked for. use letters."
    ]
