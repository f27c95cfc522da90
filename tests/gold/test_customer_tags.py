"""The customer_tags job on a small lake: versions, expiry, labels, and the register of definitions."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import CommitProperties, write_deltalake

from jobs.gold import customer_tags
from jobs.gold.membership import faults, labels
from jobs.gold.settings.tags import Settings as Tags
from jobs.gold.settings.tags import Tag
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.conftest import places
from tests.gold.test_segments import profile, rows

TAG = Tag(
    version="1",
    description="orders much",
    owner="anna",
    purpose="marketing",
    when="order_count > 3",
    evidence="concat(order_count, ' orders')",
)


def tags(**changes) -> Tags:
    return Tags(purposes={"marketing": "letters"}, tags={"many": TAG.replace(**changes)})


def night(lake: Lake, day: int, settings: Tags, **order_counts: int) -> Lake:
    profile(lake.for_job("gold.customer_tags", "hash-1"), **order_counts)
    view = lake.for_job("gold.customer_tags", "hash-1")
    customer_tags.run(view, date(2026, 3, day), settings)
    return view


def periods(lake: Lake):
    """customer, valid_from, valid_to, why it ended, version, evidence."""
    return [(r[0], r[2], r[3], r[4], r[5], r[7]) for r in rows(lake, "gold.customer_tags")]


def register(lake: Lake):
    found = lake.for_job("see", "").read("gold.tag_rules").collect()
    return sorted((r.rule_version, r.valid_from, r.valid_to, r.state, r.customer_count) for r in found)


def march(number: int) -> date:
    return date(2026, 3, number)


def test_a_new_version_closes_the_old_periods_and_opens_new_ones_and_the_register_keeps_both(lake):
    night(lake, 10, tags(), c1=4, c2=5)
    night(lake, 11, tags(version="2", when="order_count > 4"), c1=4, c2=5)

    assert periods(lake) == [
        ("c1", march(10), march(11), "rule_changed", "1", "4 orders"),
        ("c2", march(10), march(11), "rule_changed", "1", "5 orders"),
        ("c2", march(11), None, None, "2", "5 orders"),
    ]
    assert register(lake) == [("1", march(10), march(11), "in_force", 2), ("2", march(11), None, "in_force", 1)]


def test_a_definition_that_changed_without_its_version_is_a_new_one_too(lake):
    night(lake, 10, tags(), c1=4)
    night(lake, 11, tags(when="order_count >  3"), c1=4)  # blanks are no change
    view = night(lake, 12, tags(when="order_count > 2"), c1=4)
    assert any("its definition changed, its version did not" in note for note in view.notes)
    assert [row[1:4] for row in periods(lake)] == [(march(10), march(12), "rule_changed"), (march(12), None, None)]


def test_an_expired_tag_is_taken_back_and_the_night_says_so(lake):
    night(lake, 10, tags(expires_on=march(11)), c1=4)
    view = night(lake, 11, tags(expires_on=march(11)), c1=4)

    assert periods(lake) == [("c1", march(10), march(11), "expired", "1", "4 orders")]
    assert register(lake) == [("1", march(10), None, "expired", 0)]
    assert any("many expired on 2026-03-11" in note for note in view.notes)


def test_a_night_repeated_gives_the_same_tags_and_the_same_register(lake):
    night(lake, 10, tags(), c1=4)
    night(lake, 11, tags(), c1=4, c2=9)
    once = periods(lake), register(lake)
    night(lake, 11, tags(version="3"), c1=1)
    night(lake, 11, tags(), c1=4, c2=9)
    assert (periods(lake), register(lake)) == once


def test_tags_of_a_lake_from_before_periods_keep_their_day(lake):
    old = {"customer_id": ["c1"], "tag": ["many"], "since": [march(1)], "rule_version": ["1"], "evidence": ["4 orders"]}
    published = json.dumps({"run_date": "2026-03-01", "contract_version": "1.0.0", "inputs": {}, "rows": 1})
    metadata = CommitProperties(custom_metadata={"userMetadata": published})
    write_deltalake(lake.path("gold.customer_tags"), pa.table(old), commit_properties=metadata)
    night(lake, 10, tags(), c1=4)
    assert periods(lake) == [("c1", march(1), None, None, "1", "4 orders")]


@pytest.mark.slow  # three nights of long queries compiled by Spark; test_periods holds both engines to one history
def test_one_machine_and_a_cluster_keep_the_same_tags(spark, tmp_path):
    kept = []
    for place, limits in (("here", {}), ("there", {"collect_up_to_rows": 0, "query_up_to_rows": 0})):
        conf = Conf(overrides={**places(tmp_path / place), **limits})
        lake = Lake(spark, conf, conf.profile.lake, Run("r", march(10)), Contracts(conf))
        night(lake, 10, tags(), c1=4, c2=5)
        night(lake, 11, tags(version="2"), c1=4, c3=5)
        night(lake, 12, tags(version="2", valid_days=1), c1=4)
        kept.append((rows(lake, "gold.customer_tags"), rows(lake, "gold.tag_rules")))
    assert kept[0] == kept[1]
    assert [row[3] for row in periods(lake)] == ["rule_changed", "lapsed", "rule_changed", "left"]


def labelled(spark, folder: Path, conf: Conf, text: str, **changes) -> tuple[Lake, Tags]:
    """A lake whose topmost layer has a label file, and a tag that names it."""
    (folder / "layer").mkdir()
    settings = tags(labels="many.csv", **changes)
    (folder / "layer" / "many.csv").write_text(text)
    (folder / "layer" / "tags.yaml").write_text("tags: {many: {labels: many.csv}}\n")
    layered = Conf([folder / "layer"], overrides=conf.overrides)
    lake = Lake(spark, layered, layered.profile.lake, Run("r", march(10)), Contracts(layered))
    return lake.for_job("test", ""), settings


TRUTH = "customer_id,truth\nc1,yes\nc2,no\nc3,true\nnobody,1\nc4,0\nc5,1\nc5,0\n"


def test_labels_give_a_precision_with_its_interval_and_unknown_ids_are_named(spark, tmp_path, conf):
    lake, settings = labelled(spark, tmp_path, conf, TRUTH, min_precision=0.9)
    view = night(lake, 10, settings, c1=4, c2=4, c3=4, c4=1, c5=4, c6=4)

    row = lake.for_job("see", "").read("gold.tag_rules").collect()[0]
    assert (row.labelled_count, row.labelled_with_tag_count, row.precision) == (4, 3, pytest.approx(2 / 3))
    assert (row.precision_low, row.precision_high) == (pytest.approx(0.2077, abs=1e-4), pytest.approx(0.9385, abs=1e-4))
    assert row.customer_count == 5
    assert any("1 labels are of nobody known, 1 customers are called both" in note for note in view.notes)
    assert any("does not reach its min_precision of 90%" in n and "given all the same" in n for n in view.notes)


def test_a_tag_below_its_precision_is_refused_where_it_says_so(spark, tmp_path, conf):
    lake, settings = labelled(spark, tmp_path, conf, TRUTH, min_precision=0.9, below_min_precision="refuse")
    night(lake, 10, settings.replace(tags=tags().tags), c1=4, c2=4)
    view = night(lake, 11, settings, c1=4, c2=4)

    assert [row[2:4] for row in periods(lake)] == [(march(11), "refused")] * 2
    assert register(lake) == [("1", march(10), None, "refused", 0)]
    assert any("it is nobody's" in note for note in view.notes)


def test_the_wilson_interval_is_the_published_one():
    # Newcombe, Two-sided confidence intervals for the single proportion (Stat. Med. 1998), table I, method 3
    assert [round(x, 4) for x in labels.wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(x, 4) for x in labels.wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(x, 4) for x in labels.wilson(0, 20)] == [0.0, 0.1611]
    assert [round(x, 4) for x in labels.wilson(1, 29)] == [0.0061, 0.1718]


HEAD = "purposes: {marketing: letters}\ntags:\n  many:\n"
GOOD = {"version": "'1'", "owner": "anna", "purpose": "marketing", "description": "d", "when": "order_count > 3"}


def wrong(folder: Path, **changes: str | None) -> list[str]:
    """What is wrong with a tag of these keys (None: without the key)."""
    keys = {k: v for k, v in {**GOOD, **changes}.items() if v is not None}
    (folder / "tags.yaml").write_text(HEAD + "".join(f"    {k}: {v}\n" for k, v in keys.items()))
    return [fault.paragraph() for fault in faults.faults(Conf([folder]), "tags")]


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ({"when": "''"}, 3, "either a condition or an event"),
        ({"when": None}, 3, "either a condition or an event"),
        ({"first_purchase_of": "{product: A, within_days: 3}"}, 3, "either a condition or an event"),
        ({"when": "order_cont > 3"}, 8, "there is no column 'order_cont'. did you mean 'order_count'?"),
        ({"when": "DROP TABLE gold.customer_tags"}, 8, "no SQL expression"),
        ({"evidence": "sum(order_count)"}, 9, "an aggregate looks at more than one customer"),
        ({"evidence": "age_band"}, 9, "the personal column 'age_band' would be copied"),
        ({"purpose": "marketting"}, 6, "did you mean 'marketing'?"),
        ({"owner": "''"}, 5, "'owner' must not be empty"),
        ({"valid_days": "0"}, 9, "'valid_days' must be at least 1"),
        ({"min_precision": "0.9"}, 9, "min_precision without labels"),
        ({"labels": "none.csv"}, 9, "no layer has the label file none.csv"),
        ({"labels": "../none.csv"}, 9, "must lie in the configuration's folder"),
        ({"when": None, "first_purchase_of": "{within_days: 3}"}, 8, "names no product and no category"),
        ({"when": None, "first_purchase_of": "{product: A, within_days: 0}"}, 8, "'within_days' must be at least 1"),
    ],
)
def test_a_tag_that_cannot_be_used_is_named_with_file_and_line(tmp_path, changes, line, words):
    found = wrong(tmp_path, **changes)
    assert any(f"tags.yaml:{line}: " in text and words in text for text in found), found


def test_a_good_tag_has_no_fault_and_a_night_stops_at_a_bad_one_before_it_starts(tmp_path):
    assert wrong(tmp_path) == []
    wrong(tmp_path, when="nope > 3")
    with pytest.raises(ConfigError, match="there is no column 'nope'"):
        customer_tags.check(Conf([tmp_path]))


def test_a_name_that_stands_twice_is_an_error_and_so_is_the_files_old_name(tmp_path):
    (tmp_path / "tags.yaml").write_text("tags:\n  a: {version: '1'}\n  a: {version: '2'}\n")
    with pytest.raises(ConfigError, match="'a' stands twice"):
        Conf([tmp_path]).document("tags")
    (tmp_path / "tags.yaml").rename(tmp_path / "customer_tags.yaml")
    with pytest.raises(ConfigError, match=r"another name now. rename it to tags.yaml"):
        Conf([tmp_path]).document("tags")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("customer_id,is_it\nc1,1\n", "is no label file"),
        ("customer_id,truth\nc1,1\nc2,maybe\n", "many.csv:3: a truth is"),
    ],
)
def test_a_label_file_of_another_form_is_named(tmp_path, text, words):
    (tmp_path / "many.csv").write_text(text)
    assert any(words in fault for fault in wrong(tmp_path, labels="many.csv"))


def test_check_refuses_a_definition_that_changed_under_its_version(lake, tmp_path):
    night(lake, 10, tags(), c1=4)
    (tmp_path / "layer").mkdir()

    def found(**changes: str) -> list[str]:
        wrong(tmp_path / "layer", **changes)
        conf = Conf([tmp_path / "layer"], overrides=lake.conf.overrides)
        return [fault.paragraph() for fault in faults.all_faults(conf, "tags")]

    assert found() == []
    assert found(version="'2'", when="order_count > 9") == []
    assert ["raise its version" in text for text in found(when="order_count > 9")] == [True]
