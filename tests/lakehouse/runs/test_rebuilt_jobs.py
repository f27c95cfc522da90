"""Which jobs are rebuilt after an edit: over the real graph, exactly those that the edit can reach."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lakehouse.config.documents import home
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.runs import graph, job_parts, pins
from lakehouse.runs.code_hash import Code
from lakehouse.runs.source.tree import read_sources
from lakehouse.runs.what_changed import sentence

HERE = Path(__file__).resolve().parents[3]
ALL = frozenset(job.name for job in graph.jobs())
SILVER = frozenset(name for name in ALL if name.startswith("silver."))
MEMBERSHIP = frozenset({"gold.segments", "gold.customer_tags"})
LANDED = frozenset(  # models of what a company lands, and their scores
    {
        "mlflow.landed_models",
        "gold.lead_scores",
        "gold.maintenance_reminders",
        "gold.opportunity_scores",
        "gold.risk_scores",
    }
)
DERIVING = LANDED | {"models.churn_scores", "mlflow.customer_churn", "ops.model_health"}  # YAML may derive by SQL
MESSAGES = frozenset({"activation.message_definitions", "activation.audiences", "activation.decisions"})
MATCHING = frozenset({"identity.customer_map", "mlflow.customer_identity"})
Prints = dict[str, job_parts.Fingerprint]


class Company:
    """A copy of engine, rooms and configuration to edit."""

    def __init__(self, folder: Path, code: Code) -> None:
        self.folder, self.code, self.sources = folder, code, dict(code.sources)

    def file(self, path: str) -> Path:
        """A file of the configuration, which is copied with the first of them."""
        if not (self.folder / "conf").exists():
            shutil.copytree(HERE / "conf", self.folder / "conf")
        return self.folder / path

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text that stands in a file, once or more."""
        if path.startswith(("jobs/", "lakehouse/")):
            assert old in self.sources[path].decode(), f"{path} has no {old!r}"
            self.sources[path] = self.sources[path].decode().replace(old, new).encode()
        else:
            file = self.file(path)
            assert old in file.read_text(), f"{path} has no {old!r}"
            file.write_text(file.read_text().replace(old, new))

    def write(self, path: str, text: str) -> None:
        """Write a file of the configuration."""
        file = self.file(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def append(self, path: str, text: str) -> None:
        """Add lines at the end of a source file."""
        self.sources[path] += text.encode()

    def move(self, old: str, new: str) -> None:
        """Move a module and mend every import of it."""
        self.sources[new] = self.sources.pop(old)
        before, after = (path.removesuffix(".py").replace("/", ".") for path in (old, new))
        package, name = before.rpartition(".")[::2]
        package_after, name_after = after.rpartition(".")[::2]
        for path, content in self.sources.items():
            text = re.sub(rf"\bfrom {re.escape(before)} import", f"from {after} import", content.decode())
            if listed := re.search(rf"^from {re.escape(package)} import (.*\b{name}\b.*)$", text, re.MULTILINE):
                others = [one for one in listed[1].split(", ") if one != name]
                lines = [f"from {package} import {', '.join(others)}"] if others else []
                lines.append(f"from {package_after} import {name_after} as {name}")
                text = text.replace(listed[0], "\n".join(lines))
            self.sources[path] = text.encode()

    def prints(self) -> Prints:
        """What every job depends on."""
        folder = self.folder if (self.folder / "conf").exists() else HERE
        conf = Conf([folder / "conf" / "sample"])
        conf.layers[0] = folder / "conf"
        code = self.code if self.sources == self.code.sources else Code(self.sources)
        contracts = Contracts(conf)
        return {job.name: job_parts.fingerprint(job, conf, contracts, code) for job in graph.jobs()}


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(read_sources(HERE), home() / "var" / "cache")


@pytest.fixture
def company(tmp_path: Path, code: Code) -> Company:
    return Company(tmp_path, code)


@pytest.fixture(scope="module")
def before(tmp_path_factory, code: Code) -> Prints:
    return Company(tmp_path_factory.mktemp("before"), code).prints()


def rebuilt(before: Prints, after: Prints) -> frozenset[str]:
    return frozenset(name for name in after if after[name].digest != before[name].digest)


LAYER = "conf/sample"
RFM = "jobs/gold/customer_rfm.py"
COUPONS, CONTRACT = f"{LAYER}/exports/erp_coupons.yaml", "conf/contracts/gold/customer_rfm.odcs.yaml"
SUITE = f"{LAYER}/expectations/gold/customer_rfm.yaml"
OF_RFM = frozenset(  # writes or reads gold.customer_rfm
    {
        "gold.customer_profile",
        "gold.customer_rfm",
        "gold.customer_tags",
        "gold.group_history",
        "gold.recommendation_exposure",
        "gold.segment_drift",
        "gold.segments",
    }
)
ACCOUNT_ID = "def account_id(channel: Column, key: Column, personal: bool, secret: str) -> Column:\n"
DUCK_TYPE = "def duck_type(spark: str) -> str:\n"
THREE_DIGITS = "def three_digits(amount: str) -> str:\n"
EDITS: list[tuple[str, Callable[[Company], object], frozenset[str]]] = [
    ("a comment", lambda c: c.append("lakehouse/lake/queries.py", "# a word to the wise\n"), frozenset()),
    (
        "a docstring",
        lambda c: c.edit(
            "lakehouse/lake/snapshot.py", '"""Whether the table has been written."""', '"""Is it there?"""'
        ),
        frozenset(),
    ),
    ("blank lines", lambda c: c.edit(RFM, "\n\n\ndef run", "\n\n\n\n\ndef run"), frozenset()),
    (
        "another layout",
        lambda c: c.edit(RFM, "lake: Lake, run_date: date,", "lake: Lake,\n    run_date: date,"),
        frozenset(),
    ),
    (
        "a moved module",
        lambda c: c.move("jobs/gold/customer_figures/quantile_scores.py", "jobs/gold/behaviour/scores_by_quantile.py"),
        frozenset(),
    ),
    (
        "a moved module of the engine",
        lambda c: c.move("lakehouse/lake/change_feed.py", "lakehouse/delta/feed.py"),
        frozenset(),
    ),
    (
        "an import under another name",
        lambda c: (
            c.edit(RFM, "equal_cuts, given_cuts", "equal_cuts as even, given_cuts"),
            c.edit(RFM, "equal_cuts(", "even("),
        ),
        frozenset(),
    ),
    (
        "a local variable under another name",
        lambda c: c.edit("jobs/gold/customer_order_days.py", "touched", "touched_days"),
        frozenset(),
    ),
    (
        "progress",
        lambda c: c.append("lakehouse/cli/progress.py", "\n\ndef more() -> int:\n    return 1\n"),
        frozenset(),
    ),
    (
        "the command line",
        lambda c: c.edit("lakehouse/cli/commands.py", '"shell": Command(', '"console": Command('),
        frozenset(),
    ),
    (
        "a command of a room",
        lambda c: c.append("jobs/gold/commands/segments.py", "\n\nEXTRA = 1\n"),
        frozenset(),
    ),
    (
        "when jobs run",
        lambda c: c.edit("lakehouse/runs/night.py", "FLUSH_SECONDS = 15", "FLUSH_SECONDS = 30"),
        frozenset(),
    ),
    (
        "type hints",
        lambda c: c.edit("lakehouse/lake/queries.py", "most_rows: int | None", "most_rows: float | None"),
        frozenset(),
    ),
    (
        "a function that nobody uses",
        lambda c: c.append("lakehouse/lake/queries.py", "\n\ndef f() -> int:\n    return 1\n"),
        frozenset(),
    ),
    (
        "a constant that nobody uses",
        lambda c: c.edit("jobs/gold/basket_days.py", "def run(lake: Lake", "UNUSED = 2\n\n\ndef run(lake: Lake"),
        frozenset(),
    ),
    (
        "a constant of one job",
        lambda c: c.edit("jobs/gold/customer_order_days.py", "CHANGE_FEED =", "CHANGE_FEED = 1 and"),
        frozenset({"gold.customer_order_days"}),
    ),
    (
        "a function of two jobs",
        lambda c: c.edit(
            "jobs/gold/customer_figures/quantile_scores.py",
            THREE_DIGITS,
            THREE_DIGITS + "    amount = amount.strip()\n",
        ),
        frozenset({"gold.customer_rfm", "gold.customer_profile"}),
    ),
    (
        "a method of the lake that some jobs call",  # and one whose settings look attributes up by computed names
        lambda c: c.edit(
            "lakehouse/lake/lake.py", "return queries.materialise(self,", "return None or queries.materialise(self,"
        ),
        frozenset(
            {
                *MEMBERSHIP,
                *MESSAGES,
                "activation.contact_preferences",
                "activation.contactability",
                "activation.deliveries",
                "gold.customer_value",
                "gold.life_cycle",
                "gold.loyalty_ledger",
                "gold.loyalty_tiers",
                "gold.customer_rfm",
                "gold.long_tail_customers",
                "gold.non_merchandise",
            }
        ),
    ),
    (
        "accounts of silver",
        lambda c: c.edit("lakehouse/sql/expressions.py", ACCOUNT_ID, ACCOUNT_ID + "    secret = secret.strip()\n"),
        SILVER,
    ),
    (
        "the session's time zone",
        lambda c: c.edit(
            "lakehouse/spark/session.py", '"spark.sql.session.timeZone": "UTC"', '"spark.sql.session.timeZone": "CET"'
        ),
        ALL,
    ),
    (
        "how a session logs",
        lambda c: c.edit("lakehouse/spark/java.py", "-Xlog:cds=off", "-Xlog:cds=info"),
        frozenset(),
    ),
    (
        "a further key of the profile",
        lambda c: c.edit(
            "lakehouse/config/profile.py",
            "    spark: dict[",
            "    color: CountOrZero = Field(default=0)\n    spark: dict[",
        ),
        frozenset(),
    ),
    (
        "the matching",
        lambda c: c.edit("jobs/identity/matching/training.py", "LEAST_SHARE = 1e-6", "LEAST_SHARE = 1e-7"),
        MATCHING,
    ),
    (
        "types of what a condition says",
        lambda c: c.edit("lakehouse/sql/dialect.py", DUCK_TYPE, DUCK_TYPE + "    spark = spark.strip()\n"),
        MEMBERSHIP | MESSAGES | DERIVING,
    ),
    (
        "code stored with a model",
        lambda c: c.append("jobs/gold/value/value_pyfunc.py", "\n\nEXTRA = 1\n"),
        frozenset({"gold.customer_value"}),
    ),
    ("a comment in it", lambda c: c.append("jobs/gold/value/value_pyfunc.py", "# a word\n"), frozenset()),
    (
        "a page's template",
        lambda c: c.append("jobs/report/page/templates/nightly.html.j2", "<p>more</p>"),
        frozenset({"report.nightly"}),
    ),
    (
        "a comment in settings",
        lambda c: c.edit("conf/customer_rfm.yaml", "window_days:", "# days\nwindow_days:"),
        frozenset(),
    ),
    (
        "a setting",
        lambda c: c.write(f"{LAYER}/channel_performance.yaml", "window_days: 200\n"),
        frozenset({"gold.channel_performance"}),
    ),
    (
        "a setting that conditions are checked against",
        lambda c: c.write(f"{LAYER}/customer_rfm.yaml", "window_days: 200\n"),
        frozenset({*MEMBERSHIP, "gold.customer_rfm"}),
    ),
    (
        "what a setting means",
        lambda c: c.edit("jobs/models/settings/churn.py", "features look back", "all features look back"),
        frozenset(),
    ),
    (
        "a setting's range",
        lambda c: c.edit(
            "jobs/models/settings/churn.py", "    history_days: Days = Field(", "    history_days: Days = Field(lt=999,"
        ),
        frozenset({"models.churn_examples", "models.churn_scores", "mlflow.customer_churn", "ops.model_health"}),
    ),
    ("a segment", lambda c: c.edit("conf/segments.yaml", "when:", "when: 1 = 1 AND"), frozenset({"gold.segments"})),
    ("a tag", lambda c: c.edit("conf/tags.yaml", "owner:", "owner: x"), frozenset({"gold.customer_tags"})),
    (
        "currency",
        lambda c: c.write(f"{LAYER}/currency.yaml", "rounding_note: 1\n"),
        frozenset({"silver.orders", "silver.order_lines"}),
    ),
    ("what an export is", lambda c: c.edit(COUPONS, "description:", "description: now"), frozenset()),
    (
        "an export's rule",
        lambda c: c.edit(COUPONS, "silver.coupons\n", "silver.coupons\n    where: 1 = 1\n"),
        frozenset({"ops.files", "ops.volumes", "bronze.*", "silver.coupons"}),
    ),
    ("what a column means", lambda c: c.edit(CONTRACT, "days from the last order", "whole days since"), frozenset()),
    ("a column's type", lambda c: c.edit(CONTRACT, "physicalType: INT,", "physicalType: BIGINT,"), OF_RFM),
    (
        "how a table is published",
        lambda c: c.edit(CONTRACT, 'publish, value: "replace"', "publish, value: merge"),
        OF_RFM,
    ),
    ("how long a table is kept", lambda c: c.edit(CONTRACT, "as of the last night", "of last night"), frozenset()),
    (
        "an expectation",
        lambda c: c.write(SUITE, "- {type: expect_table_row_count_to_be_between, kwargs: {min_value: 3}}\n"),
        frozenset({"gold.customer_rfm"}),
    ),
    ("why one expects nothing more", lambda c: c.write(SUITE, "# nothing\n"), frozenset()),
]


@pytest.mark.parametrize(("edit", "expected"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
def test_an_edit_rebuilds_exactly_the_jobs_that_it_can_reach(company: Company, before: Prints, edit, expected):
    edit(company)

    assert rebuilt(before, company.prints()) == expected


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        ("statsforecast", frozenset({"gold.sales_forecast"})),
        ("phonenumbers", frozenset({*MATCHING, "identity.households", "identity.organisations"})),
        ("pyspark", ALL),
        ("apache-airflow", frozenset()),
        ("mlflow", frozenset()),  # it keeps what was learned; no figure comes from it
        ("ruff", frozenset()),
    ],
)
def test_another_pin_rebuilds_the_jobs_whose_code_uses_it(company, before, monkeypatch, distribution, expected):
    locked = pins.read_lock(HERE / "requirements.lock")
    assert distribution in locked
    monkeypatch.setattr(pins, "read_lock", lambda _: {**locked, distribution: "99.0"})

    assert rebuilt(before, company.prints()) == expected


def test_every_import_of_the_jobs_is_pinned(before: Prints):
    unpinned = {name for made_by in before.values() for name in made_by.parts if name.startswith("pin ")}

    assert {name.removeprefix("pin ") for name in unpinned} <= set(pins.read_lock(HERE / "requirements.lock"))


def test_everything_that_a_model_is_learned_by_is_there():
    conf = Conf([HERE / "conf" / "sample"])

    missing = [name for job in graph.jobs() for name in job.learns_by if job_parts.setting(conf, name) is None]

    assert missing == []


@pytest.mark.parametrize(
    ("edit", "is_trained"),
    [
        (lambda c: c.edit("jobs/identity/matching/training.py", "LEAST_SHARE = 1e-6", "LEAST_SHARE = 1e-7"), True),
        (lambda c: c.edit("conf/identity.yaml", "iterations: 40", "iterations: 41"), True),
        (lambda c: c.edit("conf/identity.yaml", "street: address", "street: city"), True),
        (lambda c: c.edit("conf/identity.yaml", "join_weight_bits: 0", "join_weight_bits: 1"), False),
        (lambda c: c.edit("conf/identity.yaml", "retrain_after_days: 30", "retrain_after_days: 31"), False),
        (
            lambda c: c.edit(
                "lakehouse/lake/lake.py", "return queries.materialise(", "return None or queries.materialise("
            ),
            False,
        ),
        (lambda c: c.edit("lakehouse/spark/session.py", '"spark.sql.ansi.enabled": "true"', '"spark.x": "1"'), False),
        (lambda c: c.append("jobs/identity/matching/training.py", "# a word\n"), False),
    ],
)
def test_the_match_model_is_trained_anew_only_for_what_it_learns_by(company, before, edit, is_trained):
    edit(company)

    after = company.prints()["identity.customer_map"]

    assert (after.learned != before["identity.customer_map"].learned) == is_trained


def test_a_patch_release_of_anything_trains_no_match_model_anew(company, before, monkeypatch):
    monkeypatch.setattr(pins, "_version", lambda name: "99.0")

    after = company.prints()

    assert rebuilt(before, after) == ALL
    assert after["identity.customer_map"].learned == before["identity.customer_map"].learned


def test_what_changed_is_named(company, before):
    company.edit(
        "jobs/gold/customer_figures/quantile_scores.py", THREE_DIGITS, THREE_DIGITS + "    amount = amount.strip()\n"
    )
    company.write(f"{LAYER}/customer_rfm.yaml", "window_days: 200\n")

    after = company.prints()

    assert sentence(before["gold.customer_rfm"].parts, after["gold.customer_rfm"].parts) == (
        "its code or configuration changed: setting customer_rfm.window_days, "
        "gold.customer_figures.quantile_scores.three_digits"
    )
    assert sentence(before["gold.customer_profile"].parts, after["gold.customer_profile"].parts) == (
        "its code or configuration changed: gold.customer_figures.quantile_scores.three_digits"
    )
