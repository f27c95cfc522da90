"""Gold: what each customer is expected to buy, by models of repeat buying and of spend per order fitted each night.

Reads   gold.customer_order_days, identity.customer_map, silver.order_lines, silver.products
Writes  gold.customer_value, one row per customer with an order;
        gold.customer_value_models, one row per night, cohort and model: parameters, errors, held-out likelihood
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from jobs.gold.settings.customer_value import Settings
from jobs.gold.value.calibration import cumulative, weekly_orders_query
from jobs.gold.value.choice import EVERYBODY, Choice, best_in_sample, choices
from jobs.gold.value.current_models import Chosen, current_models, current_models_query
from jobs.gold.value.forecast import alive_at
from jobs.gold.value.gamma_gamma import GammaGammaFit, example_fit
from jobs.gold.value.holdout import Holdout, holdout_customers, holdout_query
from jobs.gold.value.learned import Backtest, Learned, backtest
from jobs.gold.value.model_rows import Rows, model_table, order_rows, spend_row
from jobs.gold.value.order_fit import OrderFit, fit_orders
from jobs.gold.value.purchase_groups import PurchaseGroups
from jobs.gold.value.recent import RecencyMultiplier
from jobs.gold.value.scores import SCORES, Terms, score_groups
from jobs.gold.value.seasons import repeat_orders, season_index
from jobs.gold.value.shop_time import ShopTime
from jobs.gold.value.spend_fit import first_orders_of, first_orders_query, fit_spend
from jobs.gold.value.value_facts import (
    DAYS_PER_BUCKET,
    GROUP,
    LOG_WIDTHS,
    ValueGroups,
    repeat_orders_query,
    spend_groups,
    spend_groups_query,
    value_facts_query,
    value_groups,
    value_groups_query,
)
from jobs.gold.value.value_rows import Pricing, margins_sql, value_sql
from lakehouse.config.layers import Conf
from lakehouse.delta import rs_tables
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.sql.query import Made, Query, Table

READS = ("gold.customer_order_days", "identity.customer_map", "silver.order_lines", "silver.products")
READS_PREVIOUS = ("gold.customer_value_models",)
WRITES = ("gold.customer_value", "gold.customer_value_models")
DEPENDS_ON_RUN_DATE = True
CONF = "customer_value"

NOBODY_LEAVES = 0.99  # mean p_alive from which it tells no customer from another
LINES = {"order_lines": "silver.order_lines", "products": "silver.products", "customer_map": "identity.customer_map"}
DAYS = ("gold.customer_order_days.order_date", "gold.customer_order_days.order_count")
SPEND = (*DAYS, "gold.customer_order_days.spend_cents")
OF_THE_RUN = (
    "run_date",
    "chosen_on",
    "time_unit",
    "money_unit",
    "passes",
    "start_count",
    "agreeing_start_count",
    "note",
)
LINEAGE = {
    WRITES[0]: {"model": DAYS, "margin_share": ("silver.products.product_category", "silver.order_lines.sales_cents")},
    WRITES[1]: {
        **dict.fromkeys(OF_THE_RUN, ()),
        "cohort": ("gold.customer_order_days.order_date", "gold.customer_order_days.channel"),
        "spend_frequency_correlation": SPEND,
        "correlation_p_value": SPEND,
        "parameters": SPEND,
        "standard_errors": SPEND,
        "learned": SPEND,
        "*": DAYS,
    },
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Choose, fit and correct the models on what is known tonight, score every buyer, and keep the fits."""
    customers, cut = lake.row_count("identity.customer_map"), run_date - timedelta(days=settings.holdout_days)
    facts = lake.materialise(value_facts_query(run_date, settings.cohort_sql, settings.recent_days), customers)
    in_force = current_models(lake, WRITES[1], run_date, settings.choose_after_days)
    groups = value_groups(lake.fetch, facts, settings.max_groups)
    time = ShopTime(run_date, in_force.learned.season) if in_force else seasons(lake, facts, groups, run_date, settings)
    chosen, tried = ({}, None) if in_force else judged(lake, time.at(cut), run_date, settings)
    learned = in_force.learned if in_force else tried.learned if tried else Learned(season=time.index)

    models = in_force.models if in_force else {name: choice.model for name, choice in chosen.items()}
    fits = fitted(groups, time, models, settings.min_repeat_customers)
    spend = spend_per_order(lake, facts, settings)
    others = [f"times in buckets of {groups.days_per_bucket} days"] if groups.days_per_bucket > 1 else []
    lacking = "" if in_force or tried else untested(settings.holdout_days)
    explain(lake, fits, time.of(groups.purchases), [spend.note, *others], lacking)
    scores = score_groups(fits, groups, spend, learned, terms(settings), time)
    pricing = Pricing(spend, learned.spend, models_in_force(fits), groups.days_per_bucket)
    rows = lake.rows(value_query(facts, scores, pricing, settings), customers)
    lake.publish(WRITES[0], rows, run_date)
    kept = [*order_rows(chosen, fits, cut, run_date), spend_row(spend, learned, run_date)]
    keep_models(lake, kept, run_date, in_force.chosen_on if in_force else run_date if tried else None)
    if tried and spend.parameters is not None and not lake.is_replay:
        register(lake, Told(run_date, cut, chosen, fits, spend, tried), settings)


def seasons(lake: Lake, facts: Table, groups: ValueGroups, run_date: date, settings: Settings) -> ShopTime:
    """The shop's time as of tonight."""
    buys = groups.purchases
    came = repeat_orders(lake.fetch, facts, run_date, int(buys.t.max(initial=0)))
    return season_index(buys, came, settings.season_after_days, settings.min_repeat_customers)


def spend_per_order(lake: Lake, facts: Table, settings: Settings) -> GammaGammaFit:
    """Tonight's fit of spend per order."""
    firsts = first_orders_of(lake.fetch(first_orders_query(facts, settings.calibration_customers)))
    return fit_spend(spend_groups(lake.fetch, facts, settings.max_groups), firsts, settings.min_repeat_customers)


def judged(lake: Lake, time: ShopTime, run_date: date, settings: Settings) -> tuple[dict[str, Choice], Backtest | None]:
    """The models chosen by what came after the cut, `time`'s day, and how the forecast from there went."""
    cut = time.as_of
    since = value_facts_query(cut, settings.cohort_sql, settings.recent_days, until=run_date)
    facts = lake.materialise(since, lake.row_count(READS[1]))
    holdout = holdout_customers(lake.fetch, facts, time, settings.holdout_days, settings.calibration_customers)
    chosen = choices(holdout, settings.min_cohort_customers, settings.min_repeat_customers)
    return chosen, tested(holdout, chosen, settings)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job; customers' figures as models would make them."""
    cut = run_date - timedelta(days=settings.holdout_days)
    facts = value_facts_query(run_date, settings.cohort_sql, settings.recent_days)
    holdout = value_facts_query(cut, settings.cohort_sql, settings.recent_days, until=run_date)
    yield from (facts, current_models_query(WRITES[1], run_date), holdout)
    yield holdout_query(holdout, settings.calibration_customers)
    yield from (value_groups_query(facts, days, settings.max_groups) for days in DAYS_PER_BUCKET)
    yield from (spend_groups_query(facts, width, settings.max_groups) for width in LOG_WIDTHS)
    yield repeat_orders_query(facts, run_date)
    yield first_orders_query(facts, settings.calibration_customers)
    yield weekly_orders_query(cut, run_date, value_facts_query(cut, settings.cohort_sql, settings.recent_days))
    yield value_query(facts, made_scores(), Pricing(example_fit(), RecencyMultiplier(), {}, 1), settings)


def made_scores() -> Made:
    """What `score_groups` makes of the groups, for a check: all of them follow from what customers bought."""
    kinds = {"cohort": "STRING", "frequency": "INT", "recent_orders": "INT"}
    bought = ("gold.customer_order_days.order_date", "gold.customer_order_days.order_count")
    spent = (*bought, "gold.customer_order_days.spend_cents")
    columns = {name: kinds.get(name, "DOUBLE") for name in (*GROUP, *SCORES)}
    return Made(columns, {name: spent if name.startswith("units") else bought for name in columns})


def value_query(facts: Table, scores: Table, pricing: Pricing, settings: Settings) -> Query:
    """The rows of gold.customer_value.

    Args:
        facts: the answer of `value_facts_query`.
        scores: that of `score_groups`.
    """
    tables: dict[str, Table] = {"facts": facts, "scores": scores}
    tables |= LINES if settings.gross_margin_by_category else {}
    margins = margins_sql(settings.gross_margin_share, settings.gross_margin_by_category)
    return Query(value_sql(pricing, margins, float(settings.recent_prior_orders)), tables, answers=WRITES[0])


def keep_models(lake: Lake, rows: Rows, run_date: date, chosen_on: date | None) -> None:
    """Add tonight's fits to those of earlier nights."""
    shared = {
        "run_date": run_date,
        "chosen_on": chosen_on,
        "time_unit": "day",
        "money_unit": lake.profile.reporting_currency,
    }
    schema = rs_tables.arrow_schema(lake.contracts[WRITES[1]])
    lake.publish(WRITES[1], model_table([{**shared, **row} for row in rows], schema), run_date)


@dataclass(frozen=True)
class Told:
    """What a night that chose models has to tell MLflow."""

    run_date: date
    cut: date
    chosen: Mapping[str, Choice]
    fits: Mapping[str, OrderFit | None]
    spend: GammaGammaFit
    tried: Backtest


def register(lake: Lake, facts: Told, settings: Settings) -> None:
    """Log tables and plots of the holdout, and the models, in MLflow; where it cannot be reached the night goes on."""
    from jobs.gold.value.value_log import Logged, log_and_register  # with MLflow and matplotlib, on few nights

    known = lake.fetch(value_facts_query(facts.cut, settings.cohort_sql, settings.recent_days))
    weekly = lake.fetch(weekly_orders_query(facts.cut, facts.run_date, known)).to_pandas()
    scale = known.num_rows / len(facts.tried.holdout.t)
    weeks = cumulative(facts.tried, facts.chosen, weekly, scale)
    versions = {table: lake.pin(table) for table in READS[:2]}
    logged = Logged(
        facts.run_date,
        facts.fits,
        facts.spend,
        facts.tried.holdout.time.at(facts.run_date),
        facts.tried,
        weeks,
        settings.model_dump(),
        {table: version for table, version in versions.items() if version is not None},
    )
    try:
        log_and_register(of_lake(lake), logged)
    except Exception as error:  # noqa: BLE001 whatever MLflow's store raises: no night depends on it
        lake.note(WRITES[1], f"MLflow could not be reached ({type(error).__name__}): the fits are in this table alone")


def terms(settings: Settings) -> Terms:
    """How the future is valued."""
    return Terms(
        settings.annual_discount_rate,
        settings.residual_annual_discount_rate,
        settings.interval_level,
        settings.recent_days,
        float(settings.recent_prior_orders),
    )


def tested(holdout: Holdout, chosen: Mapping[str, Choice], settings: Settings) -> Backtest | None:
    """The forecast of the holdout from before it; None where the past is too short or thin."""
    if not len(holdout.t) or chosen[EVERYBODY].model is None:
        return None
    return backtest(
        holdout,
        chosen,
        settings.recent_days,
        float(settings.recent_prior_orders),
        settings.interval_level,
        settings.min_repeat_customers,
    )


def fitted(
    groups: ValueGroups, time: ShopTime, models: Chosen, min_repeat_customers: int
) -> dict[str, OrderFit | None]:
    """Tonight's fit of everybody's model and of each cohort's own; None where a cohort has too few by now."""
    buys = time.of(groups.purchases)
    everybody = models.get(EVERYBODY) or best_in_sample(buys, min_repeat_customers)
    fits: dict[str, OrderFit | None] = {EVERYBODY: fit_orders(everybody, buys, min_repeat_customers)}
    for cohort, model in models.items():
        if cohort != EVERYBODY:
            fit = fit_orders(model, time.of(groups.of(cohort)), min_repeat_customers) if model else None
            fits[cohort] = fit if fit and fit.parameters is not None else None
    return fits


def models_in_force(fits: Mapping[str, OrderFit | None]) -> dict[str, str]:
    """The model of each cohort that has one of its own, and of everybody."""
    return {cohort: fit.model for cohort, fit in fits.items() if fit and fit.parameters is not None}


def untested(holdout_days: int) -> str:
    """Why nothing could be learned from a holdout."""
    return f"no holdout to learn from: it needs enough buyers from more than {holdout_days} days ago"


def explain(
    lake: Lake, fits: Mapping[str, OrderFit | None], buys: PurchaseGroups, others: list[str], lacking: str
) -> None:
    """What a reader of the night should know."""
    parent = fits[EVERYBODY]
    notes = [parent.reason if parent else "", *others]
    notes += [f"cohort {name} has everybody's model" for name, fit in fits.items() if fit is None]
    if parent and parent.parameters is not None:
        here = still_here(parent, buys)
        text = f"by {parent.model} hardly anyone leaves (mean p_alive {here:.3f}): p_alive tells customers not apart"
        notes += [lacking, text if here > NOBODY_LEAVES else ""]
    for note in filter(None, notes):
        lake.note(WRITES[0], note)


def still_here(fit: OrderFit, buys: PurchaseGroups) -> float:
    """Mean chance to still buy."""
    return float(buys.customers @ alive_at(fit.model, fit.parameters, buys)) / float(buys.customers.sum())
