"""Events of a run are what the OpenLineage specification says, hold no values, and hold no night up."""

import json
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import attr
import pytest
from openlineage.client import event_v2
from openlineage.client.generated import (
    base,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    documentation_dataset,
    error_message_run,
    job_type_job,
    nominal_time_run,
    output_statistics_output_dataset,
    parent_run,
    processing_engine_run,
    schema_dataset,
    symlinks_dataset,
)

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.ops.run_log import Run
from lakehouse.runs import graph, kept_lineage
from lakehouse.runs.graph import STEPS
from lakehouse.runs.open_lineage import emitter, events
from lakehouse.runs.open_lineage.emitter import Emitter
from lakehouse.runs.open_lineage.transport import Folder, Server
from tests.conftest import places

DAY, NOW = date(2024, 3, 1), datetime(2024, 3, 2, 2, 0, tzinfo=UTC)
MODULES = (
    column_lineage_dataset, data_quality_assertions_dataset, dataset_version_dataset, documentation_dataset,
    error_message_run, job_type_job, nominal_time_run, output_statistics_output_dataset, parent_run,
    processing_engine_run, schema_dataset, symlinks_dataset,
)  # fmt: skip
OFFICIAL = {name: found for module in MODULES for name, found in vars(module).items() if attr.has(found)}
SOURCES = {
    "gold.customer_order_days.spend_cents": ["silver.orders.total_cents"],
    "gold.customer_rfm.spend": ["gold.customer_order_days.spend_cents"],
}


class Kept:
    """A transport that keeps what comes."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def send(self, event) -> None:
        self.events.append(json.loads(json.dumps(event)))

    def close(self) -> None:
        pass


@pytest.fixture
def conf(tmp_path, monkeypatch) -> Conf:
    conf = Conf(overrides=places(tmp_path))
    kept = tmp_path / "lineage.json"
    kept_lineage.write(kept, {"digest": kept_lineage.digest(conf), "sources": SOURCES})
    monkeypatch.setattr(kept_lineage, "place", lambda: kept)
    monkeypatch.setattr(emitter, "CLOSE_SECONDS", 600)  # a busy machine is no reason to lose an event
    return conf


def row(job: str, outcome: str = "done", **more) -> dict[str, Any]:
    times = {"started_at": NOW, "ended_at": NOW}
    return {"job": job, "outcome": outcome, "engine": "local", "error": "", "inputs": {}, "outputs": {}} | times | more


def run_of(conf: Conf, transport, *rows: dict[str, Any], quality=(), is_good: bool = True) -> tuple[str, Run]:
    """A whole night in which jobs start and end as the rows say."""
    run = Run("night-1", DAY)
    told = Emitter(conf, Contracts(conf), run, tuple(STEPS), transport)
    told.begin()
    by_name = {job.name: job for job in graph.jobs()}
    for one in rows:
        told.job_starts(by_name[one["job"]])
        run.record("ops.quality", list(quality))
        run.record("ops.runs", [one])
    return told.end(is_good), run


def good_night(conf: Conf, transport) -> str:
    version = {"gold.customer_order_days": 4}
    checks = [
        {"table": "gold.customer_order_days", "type": "expect_column_values_to_not_be_null", "severity": "critical",
         "expectation": "not_null(spend_cents)", "is_passed": True, "observed": "anna@example.com"}
    ]  # fmt: skip
    days = row("gold.customer_order_days", inputs={"silver.orders": 7}, outputs=version)
    rfm = row("gold.customer_rfm", inputs=version, outputs={"gold.customer_rfm": 2})
    return run_of(conf, transport, days, rfm, quality=checks)[0]


def official(value: dict[str, Any], name: str) -> None:
    """Build the specification's own class from a facet: it must take every field, and miss none."""
    kind = OFFICIAL[name]
    given = {key: item for key, item in value.items() if not key.startswith("_")}
    assert set(given) <= {field.name for field in attr.fields(kind)}, name
    made = kind(**given)
    assert value["_schemaURL"] == made._get_schema(), name
    assert value["_producer"].startswith("https://")


def test_every_event_and_facet_is_one_of_the_specification(conf):
    kept = Kept()
    assert good_night(conf, kept) == ""
    assert run_of(conf, kept, row("gold.customer_rfm", "failed", error="it failed"), is_good=False)[0] == ""

    assert len(kept.events) == 10
    for event in kept.events:
        run, job = event["run"], event["job"]
        datasets = [event_v2.InputDataset(**one) for one in event["inputs"]]
        made = [event_v2.OutputDataset(**one) for one in event["outputs"]]
        event_v2.RunEvent(
            eventType=getattr(event_v2.RunState, event["eventType"]), eventTime=event["eventTime"],
            run=event_v2.Run(**run), job=event_v2.Job(**job), producer=event["producer"], inputs=datasets, outputs=made,
        )  # fmt: skip
        assert event["schemaURL"] == base.RunEvent._get_schema()
        every = [run["facets"], job["facets"]]
        every += [one.get(of, {}) for one in (*event["inputs"], *event["outputs"])
                  for of in ("facets", "inputFacets", "outputFacets")]  # fmt: skip
        for facets in every:
            for value in facets.values():
                official(value, value["_schemaURL"].rsplit("/", 1)[1])


def test_each_job_starts_once_and_ends_once_inside_its_night(conf):
    kept = Kept()
    good_night(conf, kept)

    by_run: dict[str, list[str]] = {}
    for event in kept.events:
        by_run.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert list(by_run.values()) == [["START", "COMPLETE"]] * 3
    night = kept.events[0]["run"]["runId"]
    parents = {e["run"]["facets"]["parent"]["run"]["runId"] for e in kept.events if e["job"]["name"] != "night"}
    assert parents == {night}


def test_a_merged_table_has_its_columns_sources_its_version_and_its_checks(conf):
    kept = Kept()
    good_night(conf, kept)

    done = next(
        e for e in kept.events if e["eventType"] == "COMPLETE" and e["job"]["name"] == "gold.customer_order_days"
    )
    (made,) = done["outputs"]
    (field,) = made["facets"]["columnLineage"]["fields"]["spend_cents"]["inputFields"]
    assert (field["name"].endswith("/silver/orders"), field["field"]) == (True, "total_cents")
    assert made["facets"]["version"]["datasetVersion"] == "4"
    assert {"name": "spend_cents", "type": "BIGINT"}.items() <= made["facets"]["schema"]["fields"][5].items()
    (checked,) = [one for one in done["inputs"] if "inputFacets" in one]
    (assertion,) = checked["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion == {"assertion": "expect_column_values_to_not_be_null", "success": True, "severity": "error",
                         "name": "not_null(spend_cents)", "column": "spend_cents"}  # fmt: skip


def test_what_was_observed_is_in_no_event(conf):
    kept = Kept()
    good_night(conf, kept)
    assert "anna@" not in json.dumps(kept.events)


def test_a_failed_job_says_why_and_claims_no_table(conf):
    kept = Kept()
    failed = row("gold.customer_rfm", "failed", error="a gate failed.", outputs={"gold.customer_rfm": 1})
    run_of(conf, kept, failed, is_good=False)

    job, night = kept.events[-2:]
    assert (job["eventType"], night["eventType"], job["outputs"]) == ("FAIL", "FAIL", [])
    assert job["run"]["facets"]["errorMessage"]["message"] == "a gate failed."


def test_what_started_the_run_is_its_parent(conf, monkeypatch):
    monkeypatch.setenv(emitter.PARENT, "airflow/nightly.load/0190aaaa-1111-7222-8333-444455556666")
    kept = Kept()
    good_night(conf, kept)

    above = kept.events[0]["run"]["facets"]["parent"]
    assert above["job"] == {"namespace": "airflow", "name": "nightly.load"}
    assert above["run"]["runId"] == "0190aaaa-1111-7222-8333-444455556666"


def test_columns_that_are_learned_while_the_night_runs_follow_in_events_of_their_own(conf, monkeypatch):
    class Looking:
        def wait(self, seconds: float) -> None:
            kept_lineage.write(kept_lineage.place(), {"digest": kept_lineage.digest(conf), "sources": SOURCES})

    kept_lineage.place().unlink()
    monkeypatch.setattr(emitter, "_look_at_columns", lambda conf: Looking())
    kept = Kept()
    good_night(conf, kept)

    later = [event for event in kept.events if event["eventType"] == "OTHER"]
    assert ["columnLineage" in out["facets"] for event in later for out in event["outputs"]] == [True, True]


def test_a_folder_keeps_its_newest_files_and_stays_small(tmp_path):
    for number in range(6):
        run = Folder(tmp_path, f"night {number}", most_bytes=250)
        run.send({"filling": "x" * 80})
        run.close()

    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert sum(sizes) <= 250
    assert (tmp_path / "night-5.jsonl").exists()
    assert (tmp_path.stat().st_mode, (tmp_path / "night-5.jsonl").stat().st_size) != (0, 0)


def test_a_server_gets_every_event_with_its_token(conf):
    taken: list[tuple[str, str, dict[str, Any]]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append((self.path, self.headers["Authorization"], body))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert good_night(conf, Server(f"http://127.0.0.1:{server.server_port}", "t0")) == ""
        server.shutdown()

    assert [body["eventType"] for _, _, body in taken].count("COMPLETE") == 3
    assert {(path, token) for path, token, _ in taken} == {("/api/v1/lineage", "Bearer t0")}


def test_a_server_that_is_not_there_costs_one_try_and_a_sentence(conf):
    class Refusing(Server):
        tries = 0

        def send(self, event) -> None:
            self.tries += 1
            raise ConnectionRefusedError

    server = Refusing("http://127.0.0.1:9")
    said = good_night(conf, server)

    assert server.tries == 1
    assert said == "lineage events: 6 were not taken (ConnectionRefusedError)"


def test_a_profile_without_a_place_for_events_makes_none(conf):
    assert emitter.of_profile(conf, "r") is None
    assert isinstance(emitter.of_profile(_with(conf, lineage_events="http://127.0.0.1:5000"), "r"), Server)
    assert isinstance(emitter.of_profile(_with(conf, lineage_events="events"), "r"), Folder)


def _with(conf: Conf, **overrides: str) -> Conf:
    return Conf(overrides={**conf.overrides, **overrides})


def test_a_table_on_an_object_store_is_named_as_the_specification_names_it(conf):
    named = events.Datasets("s3a://bucket/lake", Contracts(conf)).input("gold.customer_rfm", 3)
    assert (named["namespace"], named["name"]) == ("s3a://bucket", "lake/gold/customer_rfm")
