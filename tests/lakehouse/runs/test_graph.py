"""The graph of jobs: what is begun first, and what each may read."""

import ast
import fnmatch

import pytest

from lakehouse.runs import graph
from lakehouse.runs.graph import Job, seconds_to_go, statements


def test_a_job_counts_its_own_time_and_that_of_the_longest_chain_that_waits_for_it():
    load = Job("jobs.silver.load", ("bronze.*",), ("silver.a",))
    long = Job("jobs.gold.long", ("silver.a",), ("gold.long",))
    short = Job("jobs.gold.short", ("silver.a",), ("gold.short",))
    last = Job("jobs.gold.last", ("gold.short",), ("gold.last",))
    took = {"silver.a": 10.0, "gold.long": 7.0, "gold.short": 2.0}

    actual = seconds_to_go((load, long, short, last), took)

    # gold.last never ran: one second
    assert actual == {"jobs.silver.load": 17.0, "jobs.gold.long": 7.0, "jobs.gold.short": 3.0, "jobs.gold.last": 1.0}


@pytest.mark.parametrize("job", graph.jobs(), ids=lambda job: job.name)
def test_what_a_job_reads_is_written_by_some_job(job):
    written = [table for other in graph.jobs() for table in other.writes]

    unknown = [t for t in job.readable if not any(fnmatch.fnmatch(w, t) or fnmatch.fnmatch(t, w) for w in written)]

    assert unknown == []
    assert not set(job.reads) & set(job.reads_previous)


def test_what_last_night_left_orders_no_job():
    first = Job("jobs.gold.a", (), ("gold.a",), reads_previous=("gold.a", "gold.b"))
    second = Job("jobs.gold.b", ("gold.a",), ("gold.b",))

    assert graph.before(first, (first, second)) == set()
    assert graph.before(second, (first, second)) == {"jobs.gold.a"}
    assert first.readable == ("gold.a", "gold.b")


@pytest.mark.parametrize(
    ("source", "last"),
    [
        ('WRITES = "a.b"\n\ndef run():\n    pass\n', "WRITES"),
        ('"""A text.\n\ndef is not one here\n"""\nWRITES = "a.b"\n', "WRITES"),
        ('def run():\n    pass\n\nWRITES = "a.b"\n', "WRITES"),
        ('@cache\ndef helper():\n    pass\nREADS = ()\nWRITES = "a.b"\n', "WRITES"),
        ('WRITES = "a.b"\n', "WRITES"),
    ],
)
def test_a_declaration_is_found_wherever_it_stands_in_its_module(source, last):
    names = [node.targets[0].id for node in statements(source) if isinstance(node, ast.Assign)]
    assert names[-1] == last
