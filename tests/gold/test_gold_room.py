"""The gold room as a whole: on a made-up company every table comes out, and a second run changes none."""

from lakehouse.runs import graph, night
from tests.company import gold_night

MAY_BE_EMPTY = {"gold.customer_tags", "gold.due_now", "gold.non_merchandise", "gold.experiment_results"} | {
    f"gold.loyalty_{name}" for name in ("ledger", "liability", "tiers", "balances")
}


def test_every_table_of_the_room_comes_out(gold_company):
    written = [table for job in graph.select(("gold",)) for table in job.writes if table.startswith("gold.")]
    empty = {table for table in written if not gold_company.for_job("look", "").row_count(table)} - MAY_BE_EMPTY
    assert empty == set()


def test_a_second_run_of_the_same_day_changes_no_table(gold_company):
    before = {table: gold_company.version(table) for table in gold_company.contracts if table.startswith("gold.")}

    again = gold_night(gold_company)

    assert {name: o.outcome for name, o in again.items() if o.outcome != night.SKIPPED} == {}
    assert {table: gold_company.version(table) for table in before} == before
