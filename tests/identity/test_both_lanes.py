"""Nights on Spark alone leave the same ids, moves and questions as nights on DuckDB."""

from datetime import timedelta

import pytest

from jobs.identity.matching.engines import DuckDBEngine, SparkEngine
from tests.identity import nights
from tests.identity.test_keys_as_evidence import CONF, NIGHT, People, couple


def two_nights(first, then):
    """What two nights leave: ids of both, moves, and the questions of the second in their order."""
    company = nights.Company(CONF)
    company.decide(first[0]["account_id"], first[3]["account_id"], "never", NIGHT)
    company.values = {a["account_id"]: 1000 + i for i, a in enumerate(first)}
    company.night(first, NIGHT)
    before = company.ids()
    company.night(then, NIGHT + timedelta(days=1))
    asked = [(q["priority"], q["reason"], q["account_id_left"], q["account_id_right"]) for q in company.review]
    return before, company.ids(), sorted(map(str, company.moves.to_pylist())), sorted(asked)


@pytest.mark.slow
def test_relatives_new_keys_and_departures_come_out_alike(spark, monkeypatch):
    people = People(5)
    people.unrelated_people(20)
    for number in range(4):
        one, other = couple(people)
        for person in (one, other, {**one, "generation": "jr"}):
            people.account(person, loyalty_card=f"8{number:02}551739")
    first = list(people.accounts)
    renamed = [a["account_id"] for a in first if a["account_id"].startswith("crm")][::2]
    then = [{**a, "account_id": f"{a['account_id']}-n"} if a["account_id"] in renamed else a for a in first][:-2]
    made = []
    for engine in (lambda **_: DuckDBEngine(None), lambda **_: SparkEngine(spark)):
        monkeypatch.setattr(nights, "DuckDBEngine", engine)
        made.append(two_nights(first, then))
    assert made[0] == made[1]
