"""How files are delivered: half written, late, in any order; what landing makes of each."""

import os
from datetime import date
from pathlib import Path

import pytest

from tests.landing.conftest import Company

FIRST, SECOND = date(2017, 10, 2), date(2017, 10, 3)
JSON_LINES = """
export: events
channel: app
files: "events_*"
format: json_lines
columns: {{id: {{}}, note: {{required: false}}}}
targets: []
{more}
"""


def states(events: list[dict]) -> list[tuple[str, str | None]]:
    return [(event["state"], event["reason"]) for event in events]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders_1.csv", b"order_id,city,note\n1,a,x\n2,b"),
        ("orders_1.csv", b'order_id,city,note\n1,a,x\n2,b,"x'),
        ("orders_1.csv", b"order_id,city,note\r\n1,a,x\r\n2"),
        ("events_1.jsonl", b'{"id": "1", "note": "a"}\n{"id": "2", "no'),
    ],
)
def test_a_cut_last_line_waits_for_the_next_night_and_is_then_taken_and_named(company: Company, name, content) -> None:
    company.export("events", text=JSON_LINES)
    company.drop(f"2017-10-01/{name}", content)

    assert states(company.night(FIRST)) == [("incomplete", "its last line is cut")]
    assert states(company.night(FIRST)) == []  # a night that is run again waits as it did
    (event,) = company.night(SECOND)

    assert event["state"] == "received"
    assert event["remarks"] == ["its last line is cut"]


def test_a_file_that_was_half_written_is_taken_once_when_it_is_whole(company: Company) -> None:
    file = company.drop("2017-10-01/orders_1.csv", b"order_id,city,note\n1,a,x\n2,b")
    company.night(FIRST)
    with file.open("ab") as more:
        more.write(b",y\n")
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))

    assert states(company.night(SECOND)) == [("received", None)]
    assert company.night(date(2017, 10, 4)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"order_id,city,note\n1,a,x\n2,b,y",
        b"order_id,city,note",
        b"order_id,city,note\n",
        b"",
        b"order_id,city,note\n1,a\n",
        b'order_id,city,note\n1,a,"x\ny"',
        b"order_id,city,note\n1,a,x\n\n",
    ],
)
def test_a_last_line_with_all_its_values_or_an_end_is_whole(company: Company, content: bytes) -> None:
    company.drop("2017-10-01/orders_1.csv", content)
    assert states(company.night(FIRST)) == [("received", None)]


def test_cut_anywhere_a_file_is_taken_at_once_only_where_its_last_line_looks_whole(company: Company) -> None:
    whole = b'order_id,city,note\n1,a,"x, ""y"""\n22,bb,yy\n'
    header = whole.index(b"\n") + 1
    for length in range(header, len(whole)):
        company.drop(f"2017-10-01/orders_{length:03}.csv", whole[:length])

    taken = [event for event in company.night(FIRST) if event["state"] in ("received", "duplicate")]

    for event in taken:
        text = whole[: int(Path(event["path"]).stem.partition("_")[2])].decode()
        assert text.endswith("\n") or text.rpartition("\n")[2].count(",") >= 2, event["path"]
    assert len(taken) < len(whole) - header
