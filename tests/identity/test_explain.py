"""Why a customer is one: the evidence adds up, old ids lead on, and values stay hidden until they are asked for."""

import io
import json
import math
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from rich.console import Console

from jobs.identity import customer_map
from jobs.identity.cleaners import cleaning
from jobs.identity.explaining import explain_page, explain_text, scoring
from jobs.identity.explaining.account_graph import account_graph
from jobs.identity.explaining.explain import explain
from lakehouse.errors import LakehouseError
from tests.identity.readings import ids

NIGHT = date(2017, 10, 2)


def level(condition, label, m=None, u=None, **more):
    return {"sql_condition": condition, "label_for_charts": label, **more} | (
        {} if m is None else {"m_probability": m, "u_probability": u}
    )


def comparison(field, m, u):
    """Null, equal (with frequencies), different."""
    missing = level(f"{field}_l is null or {field}_r is null", "not known", is_null_level=True)
    same = level(f"{field}_l = {field}_r", "same", m, u, tf_adjustment_column=field, tf_minimum_u_value=1e-5)
    return {"output_column_name": field, "comparison_levels": [missing, same, level("ELSE", "differs", 1 - m, 1 - u)]}


MODEL = {
    "probability_two_random_records_match": 0.2,
    "comparisons": [comparison("given", 0.9, 0.25), comparison("family", 0.8, 0.25), comparison("phone", 0.9, 0.01)],
}
PEOPLE = [("pos:1", "Zoe", "Lee"), ("web:1", "Zoe", "Lee"), ("web:2", "Zoe", "Ng"), ("pos:2", "Bob", "Ng")]
PRIOR, SAME, OTHER = math.log2(0.25), math.log2(0.9 / 0.75) + math.log2(0.8 / 0.5), math.log2(0.2 / 0.75)
JOINED, NEAR = PRIOR + SAME, PRIOR + math.log2(0.9 / 0.75) + OTHER


@pytest.fixture
def company(conf):
    """A lake of two customers: zoe lee (c1, once c0) and two ngs (c2), without a night of Spark."""
    tables = {
        "silver.customers": [{"account_id": a, "channel": a[:3], "given_name": g, "surname": s} for a, g, s in PEOPLE],
        "identity.customer_map": [
            {
                "account_id": a,
                "channel": a[:3],
                "customer_id": "c1" if s == "Lee" else "c2",
                "match_rule": "names",
                "match_probability": 0.9,
                "arrived_on": NIGHT,
                "_run_date": NIGHT,
            }
            for a, _, s in PEOPLE
        ],
        "identity.match_pairs": [
            {
                "account_id_left": one,
                "account_id_right": other,
                "match_rule": "names",
                "match_weight": w,
                "match_probability": 0.5,
            }
            for one, other, w in [("pos:1", "web:1", JOINED), ("pos:1", "web:2", NEAR)]
        ],
        "identity.linkage_models": [{"trained_on": NIGHT, "job_hash": "0123456789", "model": json.dumps(MODEL)}],
        "identity.customer_id_ledger": [
            {"customer_id": "c0", "event": e, "other_customer_id": o, "run_date": NIGHT, "reason": "why"}
            for e, o in (("created", ""), ("merged", "c1"))
        ],
    }
    for table, rows in tables.items():
        save(conf, table, rows)
    return conf


def save(conf, table, rows):
    write_deltalake(
        f"{conf.profile.lake}/{table.replace('.', '/')}",
        pa.Table.from_pylist(rows),
        mode="overwrite",
        schema_mode="overwrite",
    )


def shown(explanation, show_values, width=200):
    console = Console(width=width, record=True, file=io.StringIO())
    explain_text.show(explanation, console, show_values)
    return console.export_text()


def test_the_bars_of_a_pair_add_up_to_its_weight(company):
    (edge,) = explain(company, "c1").edges
    assert (edge.left, edge.right) == ("pos:1", "web:1")
    assert sum(bar.bits for bar in edge.bars) == pytest.approx(edge.weight)
    bits = {(bar.kind, bar.name): bar.bits for bar in edge.bars}
    assert bits["prior", "prior"] == pytest.approx(PRIOR)
    assert bits["rarity", "given"] == pytest.approx(math.log2(0.25 / 0.75))  # three of four are called Zoe
    assert bits["field", "phone"] == 0
    assert "other" not in {bar.kind for bar in edge.bars}


def test_a_pair_is_scored_by_the_model_that_scored_it(company):
    newer = {**MODEL, "probability_two_random_records_match": 0.5}
    models = [
        {"trained_on": NIGHT, "job_hash": "0123456789", "model": json.dumps(MODEL)},
        {"trained_on": date(2017, 11, 1), "job_hash": "0123456789", "model": json.dumps(newer)},
    ]
    pair = {
        "account_id_left": "pos:1",
        "account_id_right": "web:1",
        "match_rule": "names",
        "match_weight": JOINED,
        "match_probability": 0.5,
    }
    save(company, "identity.linkage_models", models)
    for name, prior in ((f"{NIGHT}-01234567", PRIOR), ("2017-11-01-01234567", 0.0)):
        save(company, "identity.match_pairs", [{**pair, "model": name}])
        bars = {bar.kind: bar.bits for bar in explain(company, "c1").edges[0].bars}
        assert bars["prior"] == pytest.approx(prior)


def test_what_the_model_does_not_say_is_a_bar_of_its_own(company):
    pairs = [
        {
            "account_id_left": "pos:1",
            "account_id_right": "web:1",
            "match_rule": "key device",
            "match_weight": JOINED + 3,
            "match_probability": 0.9,
        }
    ]
    save(company, "identity.match_pairs", pairs)
    last = explain(company, "c1").edges[0].bars[-1]
    assert (last.name, round(last.bits, 6)) == ("key device", 3)


def test_above_the_bound_only_the_asked_accounts_are_cleaned_and_rarity_is_one_bar(company, monkeypatch):
    every = explain(company, "c1").edges[0]
    monkeypatch.setattr(scoring, "COUNT_UP_TO", 1)
    few = explain(company, "c1").edges[0]
    assert few.weight == every.weight
    assert few.bars[-1].bits == pytest.approx(sum(bar.bits for bar in every.bars if bar.kind == "rarity"))


def test_a_near_miss_says_why_not(company):
    (edge,) = explain(company, "c1").near
    assert edge.other_customer == "c2"
    assert edge.reason == f"too weak: {NEAR:.1f} bits, 0 are needed"


def test_a_merged_id_leads_to_the_customer_that_lives(company):
    explanation = explain(company, "c0")
    assert (explanation.customer_id, explanation.path) == ("c1", (("c0", NIGHT), ("c1", None)))
    assert [event["event"] for event in explanation.events] == ["created", "merged"]


def test_an_unknown_id_is_refused(company):
    with pytest.raises(LakehouseError, match="no customer c9"):
        explain(company, "c9")


def test_an_account_leads_to_its_customer(company):
    explanation = explain(company, "web:1")
    assert (explanation.customer_id, explanation.account) == ("c1", "web:1")
    assert "web:1  <- asked about" in shown(explanation, show_values=False)


def test_an_account_that_is_gone_says_whose_it_was(company):
    move = {
        "account_id": "web:9",
        "run_date": NIGHT,
        "from_customer_id": "c2",
        "to_customer_id": "",
        "event": "retired",
    }
    save(company, "identity.account_moves", [move])
    with pytest.raises(LakehouseError, match="gone since 2017-10-02; it was of customer c2"):
        explain(company, "web:9")


@pytest.mark.parametrize("width", [30, 80])
def test_ids_are_whole_at_any_width(company, width):
    long = "eshop:6ba7b810-9dad-11d1-80b4-00c04fd430c8-of-the-second-shop-in-the-town-of-somewhere"
    rows = explain(company, "c1")
    members = tuple(
        {**row, "account_id": long if row["account_id"] == "web:1" else row["account_id"]} for row in rows.members
    )
    edges = tuple(replace(edge, right=long) for edge in rows.edges)
    text = shown(replace(rows, members=members, edges=edges), show_values=True, width=width)
    assert text.count(long) == 2
    assert "held to 1 by" in text


def test_for_and_against_are_told_apart_without_colour():
    assert explain_text.drawn(2.0, 1.0) == "          |++        "
    assert explain_text.drawn(-3.0, 1.0) == "       ---|          "
    assert explain_text.drawn(-300.0, 1.0) == "----------|          "


def test_the_graph_has_each_account_and_what_holds_it_and_escapes_what_exports_say(company):
    explanation = explain(company, "c1")
    hostile = tuple({**row, "channel": "<script>alert(1)</script>"} for row in explanation.members)
    graph = account_graph(replace(explanation, members=hostile))
    assert graph.count("<circle") == 2
    assert f"{JOINED:+.1f}</text>" in graph
    assert "<script" not in graph
    assert "&lt;script" in graph
    assert account_graph(replace(explanation, members=explanation.members[:1], edges=(), kept=())) == ""


def test_a_graph_of_many_accounts_has_no_labels_over_each_other_and_weak_pairs_are_dashed(company):
    one = explain(company, "c1")
    (edge,), (member, *_) = one.edges, one.members
    members = tuple({**member, "account_id": f"web:{n}"} for n in range(60))
    edges = tuple(replace(edge, left=f"web:{n}", right=f"web:{n + 1}") for n in range(59))
    graph = account_graph(replace(one, members=members, edges=edges, kept=(("web:0", "web:5", -2.0),)))
    assert (graph.count("<circle"), graph.count('class="bits"'), graph.count("stroke-dasharray")) == (60, 0, 1)


def test_a_stewards_decision_stands_beside_the_pair_or_in_its_place(company):
    by_kim = {"decided_on": NIGHT, "steward": "kim", "withdrawn_on": None}
    save(
        company,
        "identity.steward_decisions",
        [
            {"account_id_left": "pos:1", "account_id_right": "web:2", "decision": "never", **by_kim},
            {"account_id_left": "pos:2", "account_id_right": "web:2", "decision": "same", **by_kim},
        ],
    )
    assert explain(company, "c1").near[0].reason == "a steward said: never one person (kim, 2017-10-02)"
    (edge,) = explain(company, "c2").edges
    assert (edge.rule, edge.reason) == ("steward decision", "a steward said: one person (kim, 2017-10-02)")
    assert edge.weight == pytest.approx(sum(bar.bits for bar in edge.bars))


def test_values_are_shown_only_where_they_are_asked_for(company, tmp_path):
    explanation, page = explain(company, "c1"), tmp_path / "c1.html"
    assert "zoe" not in shown(explanation, show_values=False)
    assert "zoe" in shown(explanation, show_values=True)
    explain_page.write(explanation, page, show_values=False)
    assert "zoe" not in page.read_text()
    explain_page.write(explanation, page, show_values=True)
    assert "<td>zoe</td>" in page.read_text()


def test_the_page_stands_alone(company, tmp_path):
    page = tmp_path / "c1.html"
    explain_page.write(explain(company, "c1"), page, show_values=False)
    text = page.read_text()
    assert text.count("<svg") == 4  # stripes, graph, and a chart of each pair
    assert not any(word in text for word in ("<script", "http:", "https:", "src="))


def test_a_nights_own_weights_are_explained_to_the_last_bit(lake, silver, people, settings):
    night = lake.for_job("identity.customer_map", "hash-1")
    night.publish("silver.customers", silver(people), NIGHT)
    customer_map.run(lake.for_job("identity.customer_map", "hash-1"), NIGHT, settings)
    explanations = [explain(lake.conf, customer) for customer in sorted(set(ids(lake).values()))[:10]]
    edges = [edge for one in explanations for edge in (*one.edges, *one.near)]
    assert len(edges) >= 5
    assert not [bar for edge in edges for bar in edge.bars if bar.kind == "other"]


def test_columns_that_a_table_has_not_are_null():
    assert "CAST(NULL AS STRING) AS company" in cleaning.columns_of(["account_id", "surname"])
