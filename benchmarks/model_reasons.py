"""Scores with reasons of a million customers: how long they take, and whether the first reason outlives a retraining.

`python -m benchmarks.model_reasons [--customers N] [--retrain]`: features are the sample year's, drawn with a jitter;
the model is customer_churn, trained of the sample year. `--retrain` trains again four weeks later and compares.
"""

import argparse
import resource
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import churn_year
from jobs.models.churn.scoring import scored_table
from lakehouse.config.layers import Conf
from lakehouse.modelling import reasons, spec, table, training
from lakehouse.modelling.store import Version

HORIZON = 28


def model() -> spec.Model:
    made = Conf().settings("models/customer_churn", spec.Model)
    return made.model_copy(update={"label": made.label.model_copy(update={"horizon_days": HORIZON})})


def trained(days: pa.Table, as_of: date) -> training.Trained:
    """The model as it would be trained the morning on which the labels of `as_of` are known."""
    rows = churn_year.examples(HORIZON, days, as_of)
    return training.train(model(), table.of_arrow(model(), rows))


def crowd(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """So many customers with features of the year's, numbers moved by a few per cent."""
    random = np.random.default_rng(1)
    made = rows.iloc[random.integers(0, len(rows), count)].reset_index(drop=True)
    for name in made.select_dtypes("float").columns:
        made[name] = made[name] * random.normal(1, 0.03, count)
    made["customer_id"] = [f"c{number:07d}" for number in range(count)]
    return made


def speed(found: training.Trained, count: int) -> None:
    frame = crowd(found.data.table.frame, count)
    values = pa.table({"customer_id": frame["customer_id"], "residual_value": np.full(count, 100.0)})
    examples = pa.Table.from_pandas(frame, preserve_index=False)
    del frame
    with TemporaryDirectory() as place:
        found.scorer.save(Path(place))
        started, used = time.monotonic(), _cpu()
        scores = scored_table(model(), Version("customer_churn", "1", Path(place), {}), examples, values)
    seconds, cpu = time.monotonic() - started, _cpu() - used
    trees = found.scorer.facts.get("trees", 0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{count:,} customers, {found.scorer.form}, {trees} trees: {seconds:.1f} s, {cpu:.1f} CPU s, {memory:.1f} GiB;"
        f" asked at most 90 s; {scores['reason_1'].null_count:,} without a reason"
    )


def _cpu() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def stability(days: pa.Table, before: training.Trained, as_of: date) -> None:
    """The first reason of the same customers by the model of now and by one trained four weeks of labels earlier."""
    after = trained(days, as_of)
    rows = after.data.table.frame
    rows = rows[rows["as_of"] == rows["as_of"].max()]
    first = []
    for one in (before, after):
        names, places = reasons.top_reasons(one.model, one.scorer, rows)
        first.append(np.array([names[place] if place >= 0 else "" for place in places[:, 0]]))
    same, some = first[0] == first[1], (first[0] != "") | (first[1] != "")
    print(f"the same first reason (or none in both): {same.mean():.1%} of {len(rows):,} customers, asked 80 %")
    print(f"  of the {some.sum():,} customers who have one: {same[some].mean():.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--retrain", action="store_true")
    told = parser.parse_args()
    days = churn_year.order_days()
    found = trained(days, churn_year.REFERENCE - timedelta(days=30 if told.retrain else 0))
    if told.retrain:
        stability(days, found, churn_year.REFERENCE)
    else:
        speed(found, told.customers)


if __name__ == "__main__":
    main()
