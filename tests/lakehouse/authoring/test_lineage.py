"""The graph of columns: from exports' expressions, queries and declarations; as text, as a picture, and kept."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from lakehouse.authoring.lineage import graph as graphs
from lakehouse.authoring.lineage import kept, of_exports, picture, tree
from lakehouse.authoring.lineage.graph import Graph, ends
from lakehouse.config.exports import Export
from lakehouse.config.findings import Finding, Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.runs.graph import Job
from lakehouse.runs.job_queries import Asked
from lakehouse.sql.lineage import Tracer
from lakehouse.sql.qualified import Looker

SMALL = Graph(
    {
        "bronze.till.Card No": (),
        "bronze.till.paid": (),
        "silver.orders.account_id": ("bronze.till.Card No",),
        "silver.orders.total_cents": ("bronze.till.paid",),
        "silver.orders.discount_cents": (),
        "gold.days.spend": ("silver.orders.discount_cents", "silver.orders.total_cents"),
        "gold.rfm.spend": ("gold.days.spend", "silver.orders.account_id"),
        "gold.rfm.as_of": (),
    },
    personal=frozenset({"bronze.till.Card No", "silver.orders.account_id"}),
    unfilled=frozenset({"silver.orders.discount_cents"}),
)


def edges(target: dict[str, object], **further: object) -> dict[str, set[str]]:
    columns = {name: {} for name in ("Card No", "PAID", "lines", "day")}
    form = {"export": "till", "channel": "pos", "files": "*.csv", "format": "csv", "columns": columns}
    found = of_exports.edges({"till": Export.model_validate({**form, "targets": [target], **further})})
    return {name: of for name, of in found.items() if name.split(".")[2] not in of_exports.BY_ITSELF}


def test_a_silver_column_comes_from_the_columns_of_its_expression_whatever_their_capitals():
    columns = {"total_cents": "cents(paid)", "order_id": "concat(`Card No`, '-', day)", "currency": "'EUR'"}

    assert edges({"table": "silver.orders", "columns": columns}) == {
        "silver.orders.total_cents": {"bronze.till.PAID"},
        "silver.orders.order_id": {"bronze.till.Card No", "bronze.till.day"},
        "silver.orders.currency": set(),
    }


def test_an_element_of_an_exploded_column_comes_from_that_column_and_an_account_from_its_key():
    explode = {"column": "lines", "schema": "ARRAY<STRUCT<price: STRING>>", "as": "item"}
    target = {"table": "silver.order_lines", "columns": {"sales_cents": "cents(item.price)"}, "explode": explode}

    assert edges(target, account={"key": "`Card No`"}) == {
        "silver.order_lines.sales_cents": {"bronze.till.lines"},
        "silver.order_lines.account_id": {"bronze.till.Card No"},
        "silver.order_lines.account_key": {"bronze.till.Card No"},
    }


def test_a_tree_goes_back_to_the_exports_and_marks_what_is_personal():
    assert "\n".join(tree.lines(SMALL, "gold.rfm.spend")) == (
        "gold.rfm.spend\n"
        "├─ gold.days.spend\n"
        "│  ├─ silver.orders.discount_cents [no export fills it]\n"
        "│  └─ silver.orders.total_cents\n"
        "│     └─ export till.paid\n"
        "└─ silver.orders.account_id [personal]\n"
        "   └─ export till.Card No [personal]"
    )


def test_a_tree_goes_on_to_what_is_made_of_an_exports_column():
    name = tree.known_name(SMALL, "till.paid")

    assert list(tree.lines(SMALL, name, is_down=True)) == [
        "export till.paid",
        "└─ silver.orders.total_cents",
        "   └─ gold.days.spend",
        "      └─ gold.rfm.spend",
    ]


def test_columns_that_are_made_of_each_other_are_unfolded_once():
    round_ = Graph({"gold.a.x": ("gold.a.y",), "gold.a.y": ("gold.a.x",)})

    assert list(tree.lines(round_, "gold.a.x")) == [
        "gold.a.x",
        "└─ gold.a.y",
        "   └─ gold.a.x (see above)",
    ]
    assert ends(round_, "gold.a.x") == set()
    assert picture.longest_ways(round_.sources, "gold.a.x") == {"gold.a.x": 0, "gold.a.y": 1}


def test_a_table_alone_gives_a_line_per_column():
    assert list(tree.summary(SMALL, "gold.rfm")) == [
        "gold.rfm.spend <- export till.Card No, export till.paid, silver.orders.discount_cents",
        "gold.rfm.as_of [of the run itself]",
    ]


def test_an_unknown_column_gives_the_nearest():
    with pytest.raises(ConfigError, match=r"there is no column 'gold.rfm.spent'") as error:
        tree.known_name(SMALL, "gold.rfm.spent")
    assert error.value.remedy == "did you mean 'gold.rfm.spend'?"


def test_a_picture_has_a_box_per_column_and_stands_alone():
    page = picture.page(SMALL, "gold.rfm.spend")
    svg = ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    space = "{http://www.w3.org/2000/svg}"

    assert len(svg.findall(f"{space}g")) == 7
    assert len(svg.findall(f"{space}path")) == 6
    assert page.count('class="personal"') == 2
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_boxes_of_a_picture_do_not_overlap_and_arrows_lead_to_the_right():
    layout = picture.laid_out(SMALL.sources, "gold.rfm.spend", is_down=False)

    assert len(set(layout.places.values())) == len(layout.places)
    assert all(layout.places[start][0] < layout.places[end][0] for start, end in layout.arrows)
    assert max(x for x, _ in layout.places.values()) + picture.WIDTH < layout.width


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return Contracts(Conf())


def declared(contracts: Contracts, lineage, reads=("silver.orders",)) -> tuple[Graph, list[str]]:
    job = Job("jobs.gold.customer_order_days", reads, ("gold.customer_order_days",))
    findings = Findings()
    asked = [Asked(job, SimpleNamespace(LINEAGE=lineage))]
    found = graphs.built(asked, Tracer(Looker(contracts)), contracts, findings)
    return found, [item.what for item in findings.items]


def test_a_declaration_speaks_for_columns_that_code_makes_and_a_star_for_all_others(contracts):
    lineage = {"gold.customer_order_days": {"channel": ("silver.orders.channel",), "*": ("silver.orders.order_type",)}}

    found, wrong = declared(contracts, lineage)

    assert wrong == []
    assert found.sources["gold.customer_order_days.channel"] == ("silver.orders.channel",)
    assert found.sources["gold.customer_order_days.spend_cents"] == ("silver.orders.order_type",)


@pytest.mark.parametrize(
    ("lineage", "wrong"),
    [
        (
            {"gold.customer_order_days": {"chanel": ()}},
            "LINEAGE names gold.customer_order_days.chanel, which does not exist",
        ),
        (
            {"gold.customer_order_days": {"channel": ("silver.orders.chanel",)}},
            "LINEAGE names silver.orders.chanel, which does not exist",
        ),
        (
            {"gold.customer_order_days": {"channel": ("silver.stores.channel",)}},
            "LINEAGE names silver.stores, which the job does not read",
        ),
        ({"gold.segments": {"segment": ()}}, "LINEAGE speaks of gold.segments, which is not of this job"),
    ],
)
def test_a_declaration_that_names_what_is_not_there_is_named(contracts, lineage, wrong):
    assert declared(contracts, lineage)[1] == [wrong]


def test_columns_that_nothing_speaks_of_or_that_lead_nowhere_are_gaps(contracts):
    job = Job("jobs.gold.segments", (), ("gold.segments",))
    known = Graph({"gold.segments.customer_id": ("gold.lost.customer_id",), "gold.segments.segment": ()})
    findings = Findings()

    graphs.gaps(known, [Asked(job, None)], contracts, findings)

    assert [item.what for item in findings.items if "gold.segments." in item.what] == [
        "gold.segments.customer_id leads to no column of an export",
        "nothing says what gold.segments.since is made of",
    ]


def test_what_is_known_is_kept_until_a_setting_changes(tmp_path, monkeypatch):
    layer = tmp_path / "conf"
    layer.mkdir()
    (layer / "life_cycle.yaml").write_text("loyal_order_days: 4\n", encoding="utf-8")
    looked = []

    def look(conf: Conf) -> kept.Known:
        looked.append(conf)
        return kept.Known((Finding("here", "something", "mend it"),), SMALL)

    monkeypatch.setattr(kept, "looked_at", look)
    file, conf = tmp_path / "var" / "lineage.json", Conf([layer])
    first, again = kept.known(conf, file), kept.known(conf, file)
    (layer / "life_cycle.yaml").write_text("loyal_order_days: 5\n", encoding="utf-8")
    kept.known(conf, file)

    assert again == first
    assert len(looked) == 2


def test_a_kept_file_that_is_broken_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "looked_at", lambda _: kept.Known((), SMALL))
    file = tmp_path / "lineage.json"
    file.write_text("{half", encoding="utf-8")

    assert kept.known(Conf(), file).graph == SMALL
