"""`lakehouse lineage`: what it prints, draws and refuses."""

import pytest

from lakehouse.authoring.lineage import kept
from lakehouse.authoring.lineage.graph import Graph
from lakehouse.cli.main import main
from lakehouse.config.findings import Finding

GRAPH = Graph(
    {
        "bronze.till.paid": (),
        "silver.orders.total_cents": ("bronze.till.paid",),
        "gold.rfm.spend": ("silver.orders.total_cents",),
    }
)


@pytest.fixture
def faults(monkeypatch) -> list[Finding]:
    found: list[Finding] = []
    monkeypatch.setattr(kept, "known", lambda conf: kept.Known(tuple(found), GRAPH))
    return found


def test_a_tree_is_printed_and_drawn(faults, capsys, tmp_path):
    assert main(["lineage", "gold.rfm.spend", "--html", str(tmp_path / "spend.html")]) == 0

    assert capsys.readouterr().out.splitlines()[:3] == [
        "gold.rfm.spend",
        "└─ silver.orders.total_cents",
        "   └─ export till.paid",
    ]
    assert "<svg" in (tmp_path / "spend.html").read_text(encoding="utf-8")


def test_the_way_down_leads_to_what_is_made_of_a_column(faults, capsys):
    assert main(["lineage", "till.paid", "--down"]) == 0
    assert "gold.rfm.spend" in capsys.readouterr().out


def test_an_unknown_column_is_a_usage_error_with_the_nearest(faults, capsys):
    assert main(["lineage", "gold.rfm.spent"]) == 2
    assert "did you mean 'gold.rfm.spend'?" in capsys.readouterr().err


def test_a_check_fails_where_something_is_wrong(faults, capsys):
    assert main(["lineage", "--check"]) == 0
    faults.append(Finding("jobs/gold/rfm.py:1", "nothing says what gold.rfm.as_of is made of"))
    assert main(["lineage", "--check"]) == 1
    assert "gold.rfm.as_of" in capsys.readouterr().err


def test_a_column_or_the_check_is_needed(faults, capsys):
    assert main(["lineage"]) == 2
