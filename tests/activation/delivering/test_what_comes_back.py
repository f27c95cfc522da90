"""What comes back is an export like any other: proposed by new-export; an unsubscribe holds from then on."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from jobs.activation.contactability import contactability_query
from lakehouse.authoring import preview
from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from tests.activation.small_company import consents, customers, policy, rows
from tests.gold.memory_lake import MemoryLake

EVENTS = """event_id,email,event,event_time,message_key
e1,ann@shop.example,delivered,2024-03-01T08:00:05Z,k1
e2,ann@shop.example,opened,2024-03-01T08:10:00Z,k1
e3,ann@shop.example,clicked,2024-03-01T08:11:00Z,k1
e4,bob@shop.example,delivered,2024-03-01T08:00:06Z,k2
e5,bob@shop.example,unsubscribed,2024-03-01T09:00:00Z,k2
e6,cat@shop.example,bounced,2024-03-01T08:00:07Z,k3
e7,dan@shop.example,replied,2024-03-01T10:00:00Z,k4
"""
NIGHT = date(2024, 3, 2)


@pytest.fixture
def export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, Conf]:
    """The file, and what new-export proposes with the target that docs/how-to/marketer.md adds."""
    file = tmp_path / "mail_events.csv"
    file.write_text(EVENTS)
    words = ["new-export", str(file), "--name", "mail_events", "--channel", "email", "--out", str(tmp_path / "mine")]
    assert main(words) == 0
    proposed = tmp_path / "mine" / "exports" / "mail_events.yaml"
    guide = Path("docs/how-to/marketer.md").read_text()
    added = yaml.safe_load(guide[guide.index("  - table: silver.consents") :].partition("```")[0])
    whole = yaml.safe_load(proposed.read_text())
    proposed.write_text(yaml.safe_dump({**whole, "targets": [*whole["targets"], *added]}, sort_keys=False))
    return file, Conf([tmp_path / "mine"])


def mapped(export: tuple[Path, Conf], table: str) -> pa.Table:
    """Rows of a silver table as a night makes them of the file."""
    one = export[1].exports()["mail_events"]
    (target,) = [t for t in one.targets if t.table == table]
    made = preview.mapped(preview.lines(export[0], one).table, one, target).rows.to_pylist()
    known = set(rows(table, []).column_names)
    days = [{"occurred_date": row["occurred_at"].date()} if "occurred_at" in row else {} for row in made]
    return rows(
        table, [{k: v for k, v in (row | day).items() if k in known} for row, day in zip(made, days, strict=True)]
    )


def test_each_kind_of_answer_is_an_interaction_of_its_account(export):
    kinds = mapped(export, "silver.interactions")["interaction_type"].to_pylist()
    assert kinds == ["delivered", "opened", "clicked", "delivered", "unsubscribed", "bounced", "replied"]


def test_an_unsubscribe_and_a_bounce_hold_from_the_next_decision_on_and_the_others_go_on(export):
    interactions, ended = mapped(export, "silver.interactions"), mapped(export, "silver.consents")
    accounts = list(dict.fromkeys(interactions["account_id"].to_pylist()))
    people = customers("ann", "bob", "cat", "dan")
    links = [{"account_id": a, "customer_id": c} for a, c in zip(accounts, ("ann", "bob", "cat", "dan"), strict=True)]
    links += people["customer_map"].to_pylist()
    agreed = consents(*((name, "marketing", True) for name in ("ann", "bob", "cat", "dan")))
    channels = policy().channels
    known = policy(channels={**channels, "email": channels["email"].replace(bounced_by=("bounced",))})

    lake = MemoryLake(
        None,
        **{**people, "customer_map": rows("identity.customer_map", links), "interactions": interactions},
        consents=pa.concat_tables([agreed, ended]),
    )
    told = lake.fetch(contactability_query(NIGHT, known)).to_pylist()

    rules = {
        row["customer_id"]: row["rule"] for row in told if (row["purpose"], row["channel"]) == ("marketing", "email")
    }
    assert rules == {"ann": "allowed", "bob": "refused", "cat": "bounced", "dan": "allowed"}
