"""Operators' log lines: levels, the run, one JSON object a line, and no text that could hold a personal value."""

import json
import logging

import pytest

from lakehouse.ops import logs
from lakehouse.runs import graph, job_log
from lakehouse.runs.night import DONE, FAILED, Outcome

log = logging.getLogger("lakehouse.test")


@pytest.fixture(autouse=True)
def _as_before():
    before = {name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level) for name in logs.PRODUCT}
    yield
    logs.end_run()
    for name, (handlers, level) in before.items():
        logging.getLogger(name).handlers[:], logging.getLogger(name).propagate = handlers, True
        logging.getLogger(name).setLevel(level)


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_names_its_run_its_level_and_its_fields(capsys):
    logs.configure("info", "json")
    logs.begin_run("2017-10-01-ab12", "2017-10-01")
    log.info("published", extra={"table": "gold.orders", "rows": 3})
    (line,) = lines(capsys)
    assert {"level": "info", "message": "published", "run_id": "2017-10-01-ab12", "rows": 3}.items() <= line.items()


def test_a_level_hides_what_is_below_it(capsys):
    logs.configure("warning", "json")
    log.info("hidden")
    log.warning("shown")
    assert [line["message"] for line in lines(capsys)] == ["shown"]


def test_an_errors_own_text_is_not_in_the_line(capsys):
    logs.configure("error", "json")
    try:
        raise ValueError("no such customer: anna@example.com")
    except ValueError:
        log.exception("a job failed")
    (line,) = lines(capsys)
    assert "anna" not in json.dumps(line)
    assert line["error_origin"].startswith("ValueError at ")


def test_configuring_twice_writes_a_line_once(capsys):
    logs.configure("info", "text")
    logs.configure("info", "text")
    log.info("once", extra={"rows": 1})
    assert capsys.readouterr().err.count("once rows=1") == 1


def test_spark_and_py4j_stay_silent(capsys):
    logs.configure("debug", "json")
    logging.getLogger("py4j.clientserver").info("Command to send")
    assert lines(capsys) == []


def test_a_job_is_logged_when_it_starts_and_ends_and_the_listener_still_hears_it(capsys):
    logs.configure("info", "json")
    job, heard = graph.jobs()[0], []
    listen = job_log.logged(lambda *event: heard.append(event))
    listen("start", job, None)
    listen("end", job, Outcome(job, DONE, "new", seconds=1.5))
    listen("end", job, Outcome(job, FAILED, "error", error="a gate"))
    assert [(line["message"], line["level"]) for line in lines(capsys)] == [
        ("job starts", "info"),
        ("job done", "info"),
        ("job failed", "error"),
    ]
    assert len(heard) == 3
