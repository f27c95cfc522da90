"""The report names the field that a silent channel should export."""

import pyarrow as pa

from jobs.identity.explaining.missing_fields import notes
from jobs.identity.matching.engines import DuckDBEngine

TEXT = pa.string()
SCHEMA = pa.schema([(n, TEXT) for n in ("account_id", "channel", "record_hash", "company", "city", "email")])


def engine_of(*rows):
    engine = DuckDBEngine()
    engine.put("cleaned", pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA))
    return engine


SHOP = [
    ("s:1", "shop", "h", None, "ulm", "a@b.de"),
    ("s:2", "shop", "h", None, "ulm", "c@d.de"),
    ("s:3", "shop", None, None, None, None),
]


def test_a_channel_without_a_usable_field_is_told_what_would_tell_most():
    engine = engine_of(*SHOP, ("t:1", "till", None, None, None, None), ("t:2", "till", None, None, None, None))

    assert notes(engine, ["city", "email"]) == [
        "none of the 2 accounts of till has a usable field: each is a customer of its own; email in its exports would "
        "help most"
    ]


def test_a_channel_of_organisations_or_with_one_usable_account_needs_nothing():
    assert notes(engine_of(*SHOP, ("b:1", "b2b", None, "acme", None, None)), ["city", "email"]) == []


def test_where_no_channel_has_a_field_none_can_help():
    (note,) = notes(engine_of(("t:1", "till", None, None, None, None)), ["city", "email"])
    assert note.endswith("no other channel has one either")
