"""Why a job is rebuilt, in words; and a change that was accepted as one that changes no result."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lakehouse.cli.main import main
from lakehouse.cli.plan import Versions
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.accepted import Accepted
from lakehouse.ops.history import History
from lakehouse.runs import acceptance, graph, job_parts, plan, what_changed
from tests.conftest import places

JOB, NIGHT = "gold.customer_rfm", date(2024, 1, 1)


def conf_of(folder: Path, window_days: int) -> Conf:
    """A company whose customer_rfm looks back so many days."""
    layer = folder / f"layer{window_days}"
    layer.mkdir(exist_ok=True)
    (layer / "customer_rfm.yaml").write_text(f"window_days: {window_days}\n")
    return Conf([layer], overrides=places(folder))


def ran(conf: Conf, job_hash: str | None = None, with_parts: bool = True) -> job_parts.Fingerprint:
    """Record a good run of the job as it is, or by another hash."""
    (job,) = graph.select((JOB,))
    root, contracts = conf.profile.lake, Contracts(conf)
    made_by = job_parts.fingerprint(job, conf, contracts)
    now = datetime.now(UTC)
    row = {
        "run_id": "r",
        "run_date": NIGHT,
        "step": "gold",
        "job": JOB,
        "outcome": "done",
        "job_hash": job_hash or made_by.digest,
        "inputs": {},
        "started_at": now,
        "ended_at": now,
    }
    ops_tables.append(f"{root}/ops/runs", contracts["ops.runs"], [row], "r")
    if with_parts:
        parts = {"job": JOB, "job_hash": made_by.digest, "parts": made_by.parts, "run_id": "r", "run_date": NIGHT}
        ops_tables.append(f"{root}/ops/job_parts", contracts["ops.job_parts"], [parts], "r")
    return made_by


def decided(conf: Conf) -> plan.Decision:
    (job,) = graph.select((JOB,))
    root = conf.profile.lake
    return plan.decide(job, Versions(conf, root, Contracts(conf)), History(root), NIGHT)


def test_a_plan_names_the_setting_that_changed(tmp_path: Path):
    ran(conf_of(tmp_path, 100))

    decision = decided(conf_of(tmp_path, 200))

    assert decision.runs
    assert decision.reason == "its code or configuration changed: setting customer_rfm.window_days"


def test_a_lake_of_the_version_before_is_rebuilt_and_says_why(tmp_path: Path):
    conf = conf_of(tmp_path, 100)
    ran(conf, job_hash="0123456789abcdef", with_parts=False)

    decision = decided(conf)

    assert decision.runs
    assert decision.reason == f"its code or configuration changed: {what_changed.UNKNOWN}"


def test_an_accepted_change_lets_history_stand(tmp_path: Path, capsys):
    before, conf = ran(conf_of(tmp_path, 100)), conf_of(tmp_path, 200)
    words = ["plan", "--conf", str(tmp_path / "layer200"), "--lake", conf.profile.lake]

    code = main([*words, "--accept", JOB, "--reason", "nobody bought before"])

    assert code == 0
    assert "setting customer_rfm.window_days" in capsys.readouterr().out
    decision, accepted = decided(conf), Accepted(conf.profile.lake)
    assert "its code or configuration changed" not in decision.reason
    assert decision.same == {before.digest, decision.made_by.digest}
    (row,) = accepted.rows
    assert (row["job"], row["old_hash"], row["new_hash"]) == (JOB, before.digest, decision.made_by.digest)
    assert (row["reason"], row["changes"]) == ("nobody bought before", ["setting customer_rfm.window_days"])
    assert row["accepted_by"]
    assert row["accepted_at"] <= datetime.now(UTC)


def test_changes_accepted_one_after_the_other_all_count_and_another_one_does_not(tmp_path: Path):
    first = ran(conf_of(tmp_path, 100))
    acceptance.accept(conf_of(tmp_path, 200), JOB, "one")
    second = ran(conf_of(tmp_path, 200))
    acceptance.accept(conf_of(tmp_path, 300), JOB, "two")

    assert decided(conf_of(tmp_path, 300)).same >= {first.digest, second.digest}
    assert "setting customer_rfm.window_days" in decided(conf_of(tmp_path, 400)).reason
    assert "setting customer_rfm.window_days" in decided(conf_of(tmp_path, 100)).reason  # and not the way back


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [
        (JOB, " ", "an acceptance needs a reason"),
        ("gold.customer_rmf", "x", "no step, room or job 'gold.customer_rmf'"),
        ("gold", "x", "'gold' is not one job"),
        ("load", "x", "'load' is not one job"),
        ("gold.segments", "x", "gold.segments never ran"),
    ],
)
def test_what_cannot_be_accepted_is_said(tmp_path: Path, name: str, reason: str, said: str):
    ran(conf_of(tmp_path, 100))

    with pytest.raises(Exception, match=said) as raised:
        acceptance.accept(conf_of(tmp_path, 200), name, reason)
    assert raised.value.exit_code in (1, 2)
    assert not Accepted(conf_of(tmp_path, 200).profile.lake).rows


def test_nothing_changed_and_twice_accepted_are_said(tmp_path: Path):
    ran(conf_of(tmp_path, 100))
    with pytest.raises(ConfigError, match=r"nothing of gold\.customer_rfm changed"):
        acceptance.accept(conf_of(tmp_path, 100), JOB, "x")

    acceptance.accept(conf_of(tmp_path, 200), JOB, "nobody bought before")
    with pytest.raises(ConfigError, match=r"was accepted by .* nobody bought before"):
        acceptance.accept(conf_of(tmp_path, 200), JOB, "x")


def test_a_reason_without_a_job_is_refused(tmp_path: Path, capsys):
    assert main(["plan", "--lake", str(tmp_path), "--reason", "x"]) == 2
    assert "--reason belongs to --accept" in capsys.readouterr().err


BEFORE = {"jobs.gold.a.f": "1", "jobs.gold.a.g": "2", "setting s.x": "3", "pin duckdb": "4", "contract gold.t.c": "5"}


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (BEFORE, []),
        (BEFORE | {"jobs.gold.a.f": "9"}, ["jobs.gold.a.f"]),
        (BEFORE | {"pin duckdb": "9", "jobs.gold.a.f": "9"}, ["pin duckdb", "jobs.gold.a.f"]),
        ({**{k: v for k, v in BEFORE.items() if k != "jobs.gold.a.f"}, "jobs.gold.b.f": "1"}, []),  # moved
        (
            {**{k: v for k, v in BEFORE.items() if k != "jobs.gold.a.f"}, "jobs.gold.b.f": "7"},
            ["jobs.gold.b.f", "jobs.gold.a.f"],
        ),
        ({k: v for k, v in BEFORE.items() if k != "setting s.x"}, ["setting s.x"]),
        (BEFORE | {"learned": "m1"}, []),
    ],
)
def test_what_changed_is_named_and_what_moved_is_not(now, names):
    assert what_changed.changed(BEFORE, now) == names


def test_many_changes_are_counted():
    now = BEFORE | dict.fromkeys(BEFORE, "9")

    said = what_changed.sentence(BEFORE, now)

    assert said == "its code or configuration changed: contract gold.t.c, pin duckdb, setting s.x and 2 more"
