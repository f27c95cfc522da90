"""The queries of all jobs as they are: right against the contracts, and every column followed to the exports."""

import ast
from pathlib import Path

import pytest

from lakehouse.authoring.lineage import kept
from lakehouse.authoring.lineage.graph import ends
from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.runs import job_queries

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = packaged("conf") / "sample"
# queries of commands, which look at a lake as it is, and of what only a night's own matching asks
NOT_OF_JOBS = {
    "jobs/gold/commands/experiment.py",
    "jobs/gold/membership/trial.py",
    "jobs/identity/persistent_ids/engine_tables.py",
    "jobs/identity/registry/last_model.py",
    "jobs/identity/cleaners/cleaning.py",
    "jobs/identity/cleaners/home_fields.py",  # which columns a table has, asked of the table itself
    "jobs/models/landed/scores.py",  # of models that a company has and the sample has not
    "jobs/models/landed/serving.py",
}


@pytest.fixture(scope="module")
def known() -> kept.Known:
    return kept.looked_at(Conf([SAMPLE]))


def test_every_query_of_every_job_is_right(known):
    assert [item.line() for item in known.findings] == []


def test_every_column_that_people_read_comes_from_an_export_or_is_the_runs_own(known):
    graph = known.graph
    columns = [
        f"{table}.{column.name}"
        for table, contract in Contracts(Conf()).items()
        if table.startswith(("gold.", "models.", "activation."))
        for column in contract.columns
    ]

    assert [name for name in columns if not ends(graph, name)] == []
    assert sum(any(end.startswith("bronze.") for end in ends(graph, name)) for name in columns) > 0.7 * len(columns)


@pytest.mark.parametrize(
    ("column", "export"),
    [
        ("gold.customer_rfm.spend", "bronze.pos_sales.sales_value"),
        ("gold.cross_sell.product_id", "bronze.pos_sales.product_id"),
        ("gold.customer_profile.favourite_category", "bronze.erp_products.product_category"),
        ("models.churn_scores.churn_probability", "bronze.pos_sales.timestamp"),
    ],
)
def test_a_figure_leads_to_the_exports_column_that_it_is_made_of(known, column, export):
    assert export in ends(known.graph, column)


def test_personal_values_are_personal_from_the_export_on(known):
    reached = ends(known.graph, "identity.golden_customers.email")

    assert reached & known.graph.personal
    assert "identity.golden_customers.email" in known.graph.personal


def test_every_function_of_a_job_that_makes_a_query_is_looked_at():
    looked_at = {query.where for asked in job_queries.of_jobs(Conf([SAMPLE])) for query in asked.queries}

    assert sorted(makers() - looked_at) == []


def makers() -> set[str]:
    """`file:line` of every function of the rooms in which a Query is made."""
    found = set()
    for path in sorted((ROOT / "jobs").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and name not in NOT_OF_JOBS and makes_a_query(node):
                found.add(f"{name}:{node.lineno}")
    return found


def makes_a_query(function: ast.FunctionDef) -> bool:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(isinstance(call.func, ast.Name) and call.func.id == "Query" for call in calls)


def test_a_setting_that_no_query_can_be_made_of_is_named(tmp_path):
    (tmp_path / "customer_value.yaml").write_text("cohort_sql: year(first_ordr_date)\n", encoding="utf-8")

    found = [item.line() for item in kept.looked_at(Conf([SAMPLE, tmp_path])).findings]

    assert any("customer_value.yaml:1" in line and "first_ordr_date" in line for line in found)
