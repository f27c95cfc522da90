"""What stands from earlier nights: the models chosen last, and what a holdout taught then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from jobs.gold.value.choice import EVERYBODY, MODELS
from jobs.gold.value.learned import Learned
from jobs.gold.value.order_fit import OrderModel
from jobs.gold.value.recent import RecencyMultiplier
from jobs.gold.value.shop_time import EVEN
from lakehouse.sql.query import Query

if TYPE_CHECKING:
    from lakehouse.lake.lake import Lake

Chosen = Mapping[str, OrderModel | None]
SPEND = "gamma_gamma"


@dataclass(frozen=True)
class CurrentModels:
    """The model in force of each cohort that has its own, since when, and the corrections learned with it."""

    chosen_on: date
    models: Chosen
    learned: Learned


def current_models_query(table: str, run_date: date) -> Query:
    """The models chosen on the last night before this one."""
    before = f"SELECT max(run_date) FROM {{models}} WHERE run_date < DATE '{run_date}'"
    sql = (
        f"SELECT cohort, model, chosen_on, parameters, learned FROM {{models}} "
        f"WHERE is_chosen AND run_date = ({before})"
    )
    return Query(sql, {"models": table})


def current_models(lake: "Lake", table: str, run_date: date, last_days: int) -> CurrentModels | None:
    """The choice of the night before, while it is younger than `last_days` and was made by this code and conf.

    A choice without a holdout has no date: it is made anew every night until there is one.
    """
    if not lake.exists(table) or not lake.is_current(table):
        return None
    rows = lake.fetch(current_models_query(table, run_date)).to_pylist()
    orders = {row["cohort"]: row for row in rows if row["model"] != SPEND and row["parameters"]}
    spend = next((row for row in rows if row["model"] == SPEND), None)
    since = orders[EVERYBODY]["chosen_on"] if EVERYBODY in orders else None
    if spend is None or since is None or (run_date - since).days >= last_days:
        return None
    return CurrentModels(
        since, {name: MODELS[row["model"]] for name, row in orders.items()}, taught(dict(spend["learned"]))
    )


def taught(kept: Mapping[str, float]) -> Learned:
    """What `model_rows.spend_row` kept."""
    figures = ("order_drift", "spend_drift", "order_cover", "spend_cover", "order_claim", "spend_claim", "order_level")
    known = {name: kept[name] for name in figures if name in kept}
    orders, spend = (RecencyMultiplier(kept.get(name, 0.0)) for name in ("order_pull", "spend_pull"))
    season = tuple(kept[name] for name in sorted(kept) if name.startswith("season_"))
    return replace(Learned(orders, spend, season=season or EVEN), **known)  # type: ignore[arg-type]  # all floats
