"""The trainer against figures that others reached, each set by its YAML and its table alone.

`python -m benchmarks.models [SET ...] [--data DIR] [--folds N] [--json FILE]`: the sets stand in ../shared/data; a
random split is repeated so that every row is held out once, each time by models that have not seen it.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table as Shown

from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.modelling import metrics, spec, table, training
from lakehouse.modelling.splits import FOLDS, INNER, Split

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared" / "data"


@dataclass(frozen=True)
class Row:
    """One figure: what was asked (at least, or at most where it is an error) and what was reached."""

    set: str
    figure: str
    asked: float | None
    reached: float
    interval: str = ""
    is_error: bool = False

    @property
    def is_reached(self) -> bool:
        if self.asked is None:
            return True
        return self.reached <= self.asked if self.is_error else self.reached >= self.asked


def model_of(name: str, **changes: object) -> spec.Model:
    model = Conf([HERE / "model_conf"]).settings(f"models/{name}", spec.Model)
    return model.model_copy(update=changes) if changes else model


def by_folds(model: spec.Model, data: table.Table, folds: int) -> tuple[float, str, list[training.Trained]]:
    """Mean AUC over folds, the interval over all held-out rows together, and the trainings."""
    made = [training.train(model, data, fold) for fold in range(folds)]
    areas = [one.evaluation.value("auc") for one in made]
    deviation = float(np.std(areas, ddof=1) / np.sqrt(len(areas))) if len(areas) > 1 else 0.0
    mean = float(np.mean(areas))
    return mean, f"{mean - 1.96 * deviation:.4f} to {mean + 1.96 * deviation:.4f}", made


def iranian_churn(data: Path, folds: int) -> list[Row]:
    model = model_of("iranian_churn")
    mean, interval, made = by_folds(model, table.of_file(model, data / "iranian_churn/customer_churn.csv"), folds)
    return [Row("iranian_churn", "AUC", 0.985, mean, interval), _ece("iranian_churn", made)]


def _ece(name: str, made: list[training.Trained]) -> Row:
    return Row(name, "ECE", None, float(np.mean([one.evaluation.value("ece") for one in made])), is_error=True)


def bank_marketing(data: Path, folds: int) -> list[Row]:
    file = data / "bank_marketing/bank-additional-full.csv.gz"
    model = model_of("bank_marketing")
    mean, interval, made = by_folds(model, table.of_file(model, file), folds)
    return [Row("bank_marketing", "AUC, random", 0.805, mean, interval), _ece("bank_marketing", made)]


def bank_marketing_in_time(data: Path, folds: int) -> list[Row]:
    file = data / "bank_marketing/bank-additional-full.csv.gz"
    model = model_of("bank_marketing_in_time")
    found = training.train(model, table.of_file(model, file)).evaluation
    auc = found.figures["auc"]
    return [
        Row("bank in date order", "AUC", 0.69, auc.value, f"{auc.low:.4f} to {auc.high:.4f}"),
        Row("bank in date order", "ECE as trained", None, found.value("ece"), is_error=True),
        Row("bank in date order", "ECE, recalibrated as labels come", 0.05, found.value("ece_recalibrated"), "", True),
        Row("bank in date order", "drift alarms", 1, len(found.alarms), (found.alarms or [""])[0]),
    ]


def online_shoppers(data: Path, folds: int) -> list[Row]:
    file = data / "online_shoppers/online_shoppers_intention.csv.gz"
    model = model_of("online_shoppers")
    mean, interval, _ = by_folds(model, table.of_file(model, file), folds)
    rows = [Row("online_shoppers", "AUC without the leak", 0.79, mean, interval)]
    open_model = model.model_copy(update={"forbidden": {}})
    try:
        training.train(open_model, table.of_file(open_model, file))
        named = 0.0
    except LakehouseError as error:
        named = float(error.what.startswith("'PageValues'") and "; " not in error.what)
    rows.append(Row("online_shoppers", "the leak is named, and it alone", 1, named))
    vouched = open_model.model_copy(update={"hints": {"PageValues": spec.Feature(known_before=True)}})
    mean, interval, _ = by_folds(vouched, table.of_file(vouched, file), folds)
    return [*rows, Row("online_shoppers", "AUC with the leak", 0.93, mean, interval)]


def credit_default_taiwan(data: Path, folds: int) -> list[Row]:
    model = model_of("credit_default_taiwan")
    file = data / "credit_default_taiwan/default_credit_card_clients.csv.gz"
    mean, interval, made = by_folds(model, table.of_file(model, file), folds)
    cost = float(np.mean([one.evaluation.value("auc_cost_of_monotony") for one in made]))
    return [
        Row("credit_default_taiwan", "AUC, monotone", 0.782, mean, interval),
        Row("credit_default_taiwan", "AUC that monotony costs", None, cost, is_error=True),
        _ece("credit_default_taiwan", made),
    ]


def cmapss_fd001(data: Path, folds: int) -> list[Row]:
    """The official test: all 100 engines of the training file learn, 100 others are judged at their last cycle."""
    folder, model = data / "cmapss_fd001", model_of("cmapss_fd001")
    train = table.of_file(model, folder / "train_FD001.txt.gz").frame
    test = table.of_file(model, folder / "test_FD001.txt.gz").frame
    left = pd.read_csv(folder / "RUL_FD001.txt", header=None)[0].to_numpy()
    last = test.groupby("unit").tail(1).assign(cycles_left=left, unit=lambda frame: frame["unit"] + 1000)
    both = table.Table(pd.concat([train, last], ignore_index=True))
    places = np.arange(len(train))
    inner = train["unit"].to_numpy() % INNER
    split = Split(
        places, places[inner == 0], places, np.arange(len(train), len(both.frame)), inner, "the official test"
    )
    made = training.train(model, both, split=split)
    found = made.evaluation.figures
    return [
        _error("RMSE, capped at 125", 13, found["rmse_capped"]),
        _error("RMSE, as is", 14.5, found["rmse"]),
        _due("precision", 0.9, found["due_precision"]),
        _due("recall", 0.85, found["due_recall"]),
    ]


def _due(figure: str, asked: float, reached: metrics.Interval) -> Row:
    interval = f"{reached.low:.2f} to {reached.high:.2f}"
    return Row("cmapss_fd001", f"{figure} of due within 30", asked, reached.value, interval)


def _error(figure: str, asked: float, reached: metrics.Interval) -> Row:
    return Row("cmapss_fd001", figure, asked, reached.value, f"{reached.low:.2f} to {reached.high:.2f}", True)


def completejourney(data: Path, folds: int) -> list[Row]:
    """Who buys nothing in the days after 2017-10-01: learned from as-of dates whose labels were known by then."""
    from benchmarks import churn_year

    rows, days = [], churn_year.order_days()
    for horizon, asked in ((28, 0.872), (56, 0.872), (92, 0.878)):
        model = Conf().settings("models/customer_churn", spec.Model)
        model = model.model_copy(update={"label": model.label.model_copy(update={"horizon_days": horizon})})
        found = training.train(model, table.of_arrow(model, churn_year.examples(horizon, days))).evaluation
        auc, ece = found.figures["auc"], found.figures["ece"]
        name = f"completejourney, {horizon} days"
        rows.append(Row(name, "AUC", asked, auc.value, f"{auc.low:.4f} to {auc.high:.4f}"))
        rows.append(Row(name, "ECE", 0.03, ece.value, f"{ece.low:.4f} to {ece.high:.4f}", True))
    return rows


SETS: dict[str, Callable[[Path, int], list[Row]]] = {
    f.__name__: f
    for f in (
        completejourney,
        iranian_churn,
        bank_marketing,
        bank_marketing_in_time,
        online_shoppers,
        credit_default_taiwan,
        cmapss_fd001,
    )
}


def main() -> None:
    """Measure and print reached against asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    shown, kept = Shown("set", "figure", "asked", "reached", "95 % interval", "", "s"), []
    for name in told.sets:
        started = time.monotonic()
        for row in SETS[name](told.data, told.folds):
            asked = "" if row.asked is None else f"{'<=' if row.is_error else '>='} {row.asked:g}"
            verdict = "" if row.asked is None else "yes" if row.is_reached else "NO"
            seconds = f"{time.monotonic() - started:.0f}"
            shown.add_row(row.set, row.figure, asked, f"{row.reached:.4f}", row.interval, verdict, seconds)
            kept.append({**vars(row), "is_reached": row.is_reached})
        if told.json:
            told.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    Console(width=150).print(shown)


if __name__ == "__main__":
    main()
