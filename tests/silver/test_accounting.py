"""Every line is a row, in quarantine, or discarded by name; and the numbers must meet."""

import pytest

from jobs.silver import interactions
from jobs.silver.conforming.accounting import Account, checked
from lakehouse.errors import LakehouseError
from tests.silver.conftest import FIRST, SECOND, Company, target

AT = "2017-10-01 09:00:00"


def calls(company: Company) -> None:
    columns = {"interaction_type": "'call'", "occurred_at": "try_to_timestamp(at)", "interaction_id": "clean(id)"}
    only = target("silver.interactions", _where="kind = 'call'", _discard={"test_call": "agent = 'qa'"}, **columns)
    company.export("calls", "phone", "id kind agent at", only)


def test_the_lines_of_a_night_add_up_and_an_event_that_comes_again_is_discarded(company):
    calls(company)
    kept, again = ("1", "call", "x", AT), ("1", "call", "y", "2017-10-01 10:00:00")
    others = [("2", "mail", "x", AT), ("3", "call", "qa", AT), ("4", "call", "x", "noon")]
    company.land("calls", FIRST, "a.csv", kept, *others, kept, again, "4;call")
    company.run("interactions", FIRST)
    first = company.account("silver.interactions")
    company.land("calls", SECOND, "b.csv", kept, ("5", "call", "x", AT))

    company.run("interactions", SECOND)

    assert first["discarded"] == {"not_for_target": 1, "test_call": 1, "exact_duplicate": 1, "already_recorded": 1}
    assert (first["lines_in"], first["lines_in_rows"], first["rows_out"], first["quarantined"]) == (7, 1, 1, 2)
    assert company.account("silver.interactions")["discarded"] == {"exact_duplicate": 1}
    assert company.rows("silver.interactions", "interaction_id", "_run_date") == [("1", FIRST), ("5", SECOND)]


def test_a_night_whose_lines_are_all_refused_is_taken_once(company):
    calls(company)
    company.land("calls", FIRST, "a.csv", ("1", "call", "x", AT))
    company.run("interactions", FIRST)
    company.land("calls", SECOND, "b.csv", ("2", "call", "x", "noon"))

    for _ in range(2):
        company.run("interactions", SECOND)

    assert company.rows("quarantine.interactions", "_source_file") == [(f"{SECOND}/b.csv",)]
    assert len(company.recorded) == 2


def test_lines_that_went_missing_stop_the_publish_with_table_export_and_numbers():
    found = {"calls": Account("calls", bronze_lines=6)}

    with pytest.raises(LakehouseError, match=r"silver\.interactions: 7 new lines of export calls .* 6 are accounted"):
        checked("silver.interactions", found, {"calls": 7})


def test_an_event_that_its_export_does_not_number_is_known_by_file_and_line(company):
    columns = {"interaction_type": "'visit'", "occurred_at": "try_to_timestamp(at)"}
    company.export("visits", "web", "at", target("silver.interactions", **columns))
    lines = company.lines("visits", FIRST, "a.csv", (AT,), (AT,))

    found = company.outcome("silver.interactions", interactions.RULES, visits=lines)

    assert found.rows("interaction_id") == [("web:a.csv-sha-2",), ("web:a.csv-sha-3",)]
