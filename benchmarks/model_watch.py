"""Alarms of a real half-year, night by night: at most one a month where it is quiet; a planted drift in two nights.

`python -m benchmarks.model_watch [--step DAYS] [--plant]`: churn of the sample year, trained anew every four weeks as a
night does it. `--plant` multiplies the amounts by 3 from 2017-10-07 on, as an export in another currency would.
"""

import argparse
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import churn_year
from benchmarks.model_reasons import HORIZON, model
from jobs.models.churn import arrived
from jobs.models.settings.churn import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.queries import in_duckdb
from lakehouse.modelling import arrivals, health, reference, spec, table, training

BEGINS, ENDS, PLANTED = date(2017, 7, 15), date(2017, 12, 30), date(2017, 10, 7)
FACTOR = 3
QUICK = {"bootstrap_rounds": 100}


@dataclass
class Watched:
    """The champion of a night, and the alarms that were open the night before."""

    trained: training.Trained
    known: reference.Reference
    seen: set[str] = field(default_factory=set)
    since: dict[str, date] = field(default_factory=dict)


def settings() -> Settings:
    return Conf().settings("churn", Settings).model_copy(update={"horizon_days": HORIZON})


def nights(step: int) -> list[date]:
    return [BEGINS + timedelta(days=n) for n in range(0, (ENDS - BEGINS).days, step)]


def examples(days: pa.Table, step: int) -> pd.DataFrame:
    """Of every night and of the dates that trainings use, with the labels of the whole year."""
    grid = settings().as_of_dates(date(2017, 1, 1), ENDS)
    return churn_year.examples_of(HORIZON, days, sorted({*grid, *nights(step)}), ENDS).to_pandas()


def trained(rows: pd.DataFrame, night: date) -> Watched:
    made = model()
    made = made.model_copy(update={"search": made.search.model_copy(update=QUICK)})
    grid = set(settings().as_of_dates(date(2017, 1, 1), night)) - {night}
    known = rows[rows["as_of"].isin(grid) & (rows["as_of"] <= night - timedelta(days=HORIZON))]
    found = training.train(made, table.of_arrow(made, pa.Table.from_pandas(known, preserve_index=False)))
    return Watched(found, reference.of_training(found))


def alarms(watched: Watched, rows: pd.DataFrame, days: pa.Table, night: date) -> list[health.Measure]:
    told: tuple[spec.Model, training.Scorer, reference.Reference] = (
        watched.trained.model,
        watched.trained.scorer,
        watched.known,
    )
    found = list(health.drift(*told, rows[rows["as_of"] == night]))
    newest = settings().newest_matured(night)
    if str(newest) > watched.known.as_of:
        found += health.performance(*told, rows[rows["as_of"] == newest])
    found += came(watched, days, night)
    return [one for one in found if one.is_alarm]


def came(watched: Watched, days: pa.Table, night: date) -> list[health.Measure]:
    """The raw values of the business day that a night closes, against the weeks before."""
    query = arrived.query(night - timedelta(days=1))
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("order_days", days)
        rows = engine.sql(in_duckdb(query.sql, query.names)).df()
    made = watched.trained.model
    gate = made.gates.max_psi
    found = list(arrivals.sources(arrived.columns(rows), arrived.features(made), gate, watched.since))
    watched.since = {one.name: watched.since.get(one.name, night) for one in found if one.is_alarm}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=int, default=3)
    parser.add_argument("--plant", action="store_true")
    told = parser.parse_args()
    days = churn_year.order_days()
    if told.plant:
        dates = pc.cast(days["order_date"], pa.date32())
        is_late = pc.greater_equal(dates, pa.scalar(PLANTED, pa.date32()))
        cents = pc.if_else(is_late, pc.multiply(days["spend_cents"], FACTOR), days["spend_cents"])
        days = days.set_column(days.column_names.index("spend_cents"), "spend_cents", cents)
    rows = examples(days, told.step)
    rows["as_of"] = pd.to_datetime(rows["as_of"]).dt.date
    watched, count = trained(rows, BEGINS), 0
    for night in nights(told.step):
        newest = settings().newest_matured(night)
        if (newest - date.fromisoformat(watched.known.as_of)).days >= settings().retrain_after_days:
            watched = replace(trained(rows, night), since=watched.since)
        found = {f"{one.measure} {one.name}": one for one in alarms(watched, rows, days, night)}
        new = [one for key, one in found.items() if key not in watched.seen]
        watched.seen = set(found)
        count += len(new)
        for one in new:
            print(f"{night} (champion of {watched.known.as_of}): {one.measure} {one.name}: {one.sentence}")
    months = (ENDS - BEGINS).days / 30.4
    print(f"{count} alarms in {months:.1f} months: {count / months:.2f} a month; asked at most 1")


if __name__ == "__main__":
    main()
