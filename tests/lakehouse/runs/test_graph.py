"""The graph of jobs: what is begun first."""

from lakehouse.runs.graph import Job, seconds_to_go


def test_a_job_counts_its_own_time_and_that_of_the_longest_chain_that_waits_for_it():
    load = Job("jobs.silver.load", ("bronze.*",), ("silver.a",))
    long = Job("jobs.gold.long", ("silver.a",), ("gold.long",))
    short = Job("jobs.gold.short", ("silver.a",), ("gold.short",))
    last = Job("jobs.gold.last", ("gold.short",), ("gold.last",))
    took = {"silver.a": 10.0, "gold.long": 7.0, "gold.short": 2.0}

    actual = seconds_to_go((load, long, short, last), took)

    # gold.last never ran: one second
    assert actual == {"jobs.silver.load": 17.0, "jobs.gold.long": 7.0, "jobs.gold.short": 3.0, "jobs.gold.last": 1.0}
