"""Gold: where each customer stands in their life with the company, since when, and why; and who moved.

Reads   gold.customer_order_days, identity.customer_map, identity.customer_id_ledger, silver.customers
Writes  gold.life_cycle, one row per customer;
        gold.life_cycle_history, one row per customer and stretch of days in one state;
        gold.life_cycle_moves, one row per night and move from one state to another: the transition matrix;
        gold.life_cycle_rhythm, one row per fit of how often customers buy, with the limits that it gives
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.gold.customer_figures.customer_days import TABLES
from jobs.gold.histories import values
from jobs.gold.life import moves, states, thresholds
from jobs.gold.life.interpurchase_time import (
    GapGroups,
    InterpurchaseTimes,
    assumed_interpurchase_times,
    fit_interpurchase_times,
    interpurchase_columns,
)
from jobs.gold.life.thresholds import Thresholds
from jobs.gold.settings.life_cycle import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, Table

READS = ("gold.customer_order_days", "identity.customer_map", "identity.customer_id_ledger", "silver.customers")
READS_PREVIOUS = ("gold.life_cycle_history", "gold.life_cycle_moves", "gold.life_cycle_rhythm")
WRITES = ("gold.life_cycle", "gold.life_cycle_history", "gold.life_cycle_moves", "gold.life_cycle_rhythm")
DEPENDS_ON_RUN_DATE = True
CONF = "life_cycle"

LIFE, HISTORY, MOVES, INTERPURCHASE = WRITES
SPEC = values.HistorySpec(HISTORY, key=("customer_id",), values=("state", "since"))
FIT = ("shape", "r", "alpha_days", "customer_count", "gap_count", "log_likelihood", "is_converged", "note")
STATES = ("gold.life_cycle.state", "gold.life_cycle_history.state")
LINEAGE = {
    MOVES: {
        "run_date": (),
        "days_since_last_night": (),
        "mean_dwell_days": ("gold.life_cycle_history.since", "gold.life_cycle.since"),
        "customer_count": (*STATES, "gold.life_cycle.customer_id"),
        "*": STATES,
    },
    HISTORY: {"valid_from": (), "valid_to": ()},
    INTERPURCHASE: {
        **dict.fromkeys(("run_date", "is_converged", "note"), ()),
        "*": ("gold.customer_order_days.order_date", "identity.customer_map.customer_id"),
    },
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Place every customer, then keep what changed since the night before."""
    count = lake.row_count("identity.customer_map")
    interpurchase, limits = tonights_rhythm(lake, run_date, settings)
    settings = thresholds.within(settings, limits)
    of_gaps = factors(lake, interpurchase, run_date, settings)
    rows = lake.rows(life_cycle_query(interpurchase, of_gaps, run_date, settings), count)
    tonight = rows if isinstance(rows, pa.Table) else lake.persist(rows, count)
    if not lake.publish(LIFE, tonight, run_date).row_count:
        lake.note(LIFE, "no customers are known yet")
    keep_history(lake, tonight, run_date, settings, count)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job, by the assumed rhythm."""
    interpurchase = assumed_interpurchase_times(settings.rhythm.assumed_gap_days, "")
    yield from (last_fit_query(run_date), first_day_query(run_date), last_night_query(run_date))
    yield from (gap_groups_query(run_date, settings), returns_query(run_date, settings))
    yield exposure_query(run_date, settings)
    tonight = life_cycle_query(interpurchase, made_factors(), run_date, settings)
    yield from (tonight, moves_query(tonight, run_date), history_query(tonight, run_date))


def made_factors() -> Made:
    """What `states.factors` makes of the rhythm, for a check."""
    columns = {"gap_count": "INT", "usual": "DOUBLE", "dormant": "DOUBLE", "lost": "DOUBLE"}
    bought = ("gold.customer_order_days.order_date", "gold.customer_order_days.order_count")
    return Made(columns, dict.fromkeys(("usual", "dormant", "lost"), bought))


def gaps_step(run_date: date, settings: Settings) -> dict[str, str]:
    """Every customer's order days, with the gaps before them."""
    return {"gaps": states.order_gaps_sql(run_date, settings.rhythm.longest_gap_days)}


def gap_groups_query(run_date: date, settings: Settings) -> Query:
    """Customers alike in their gaps."""
    sql = states.gap_groups_sql(settings.rhythm.fit_customers)
    columns = "gap_count BIGINT, gap_days BIGINT, customers BIGINT, log_days BIGINT"
    return Query(sql, TABLES, gaps_step(run_date, settings), answers=columns)


def returns_query(run_date: date, settings: Settings) -> Query:
    """How long customers were away and came back, and how often they ordered."""
    columns = "longest_gap_days INT, order_days INT, customers BIGINT"
    return Query(thresholds.returns_sql(), TABLES, gaps_step(run_date, settings), answers=columns)


def exposure_query(run_date: date, settings: Settings) -> Query:
    """Days that customers have been known for, and gaps that ended in them."""
    sql = f"""
        SELECT CAST(coalesce(sum(datediff(DATE '{run_date}', first_day)), 0) AS BIGINT) AS days,
               CAST(coalesce(sum(gaps), 0) AS BIGINT) AS gaps FROM (
            SELECT customer_id, min(order_date) AS first_day, max(nth) - 1 AS gaps FROM {{gaps}} GROUP BY customer_id
        ) each_one"""
    return Query(sql, TABLES, gaps_step(run_date, settings), answers="days BIGINT, gaps BIGINT")


def life_cycle_query(interpurchase: InterpurchaseTimes, of_gaps: Table, run_date: date, settings: Settings) -> Query:
    """The rows of gold.life_cycle.

    Args:
        of_gaps: the answer of `factors`.
    """
    tables: dict[str, Table] = {**TABLES, "customers": "silver.customers", "factors": of_gaps}
    steps = {**gaps_step(run_date, settings), **states.steps(interpurchase, settings)}
    return Query(states.life_cycle_sql(run_date, settings), tables, steps, answers=LIFE)


def last_fit_query(run_date: date) -> Query:
    """The newest fit from before this night, and that of this very night where it is done again."""
    sql = f"SELECT * FROM {{fits}} WHERE run_date <= DATE '{run_date}' ORDER BY run_date DESC LIMIT 2"
    return Query(sql, {"fits": INTERPURCHASE})


def first_day_query(run_date: date) -> Query:
    """The first day with an order."""
    sql = f"SELECT min(order_date) AS first_day FROM {{order_days}} WHERE order_date <= DATE '{run_date}'"
    return Query(sql, {"order_days": TABLES["order_days"]}, answers="first_day DATE")


def last_night_query(run_date: date) -> Query:
    """The last night before this one that counted moves."""
    sql = f"SELECT max(run_date) AS last FROM {{moves}} WHERE run_date < DATE '{run_date}'"
    return Query(sql, {"moves": MOVES}, answers="last DATE")


def moves_query(tonight: Table, run_date: date, old: Table | None = None) -> Query:
    """Who moved from which state to which.

    Args:
        old: the answer of `values.older_rows`.
    """
    history, steps = values.stored(SPEC, old)
    tables: dict[str, Table] = {"tonight": tonight, **history}
    before = {**steps, "before": values.history_steps(run_date, SPEC)["before"]}
    columns = "from_state STRING, to_state STRING, customer_count BIGINT, mean_dwell_days DOUBLE"
    return Query(moves.moves_sql(), tables, before, answers=columns)


def history_query(tonight: Table, run_date: date, old: Table | None = None) -> Query:
    """The rows to write to gold.life_cycle_history.

    Args:
        old: the answer of `values.older_rows`.
    """
    return values.night_query(run_date, SPEC, {"tonight": tonight}, {}, old)


def tonights_rhythm(lake: Lake, run_date: date, settings: Settings) -> tuple[InterpurchaseTimes, Thresholds]:
    """The last fit and its limits while they are young enough and of these settings; else new ones, which are kept."""
    fits = lake.fetch(last_fit_query(run_date)).to_pylist()
    last = next((fit for fit in fits if fit["run_date"] < run_date), None)
    limits = last_limits(last)
    is_again = bool(fits) and fits[0]["run_date"] == run_date  # a night done again fits again what it fitted
    if last and limits and last["gap_count"] and not is_again and is_young(lake, last["run_date"], run_date, settings):
        return InterpurchaseTimes(**{name: last[name] for name in FIT}), limits
    interpurchase = fitted(lake.fetch(gap_groups_query(run_date, settings)), settings)
    if not interpurchase.gap_count:
        exposure = lake.fetch(exposure_query(run_date, settings)).to_pylist()[0]
        interpurchase = assumed(exposure, interpurchase.note, settings)
    returns = lake.fetch(returns_query(run_date, settings))
    new = thresholds.chosen(returns, interpurchase.alpha_days, settings, limits.interval_days if limits else None)
    for text in (interpurchase.note, new.sentence() if new != limits else ""):
        if text:
            lake.note(LIFE, text)
    row = {"run_date": run_date, **interpurchase_columns(interpurchase), **thresholds.columns(new)}
    lake.publish(INTERPURCHASE, pa.Table.from_pylist([row]), run_date)
    return interpurchase, new


def last_limits(fit: dict[str, Any] | None) -> Thresholds | None:
    """The limits that stand beside a fit; None beside one from before there were any."""
    known = {name: fit[name] for name in thresholds.COLUMNS if fit.get(name) is not None} if fit else {}
    return Thresholds(**known) if len(known) == len(thresholds.COLUMNS) else None


def is_young(lake: Lake, fitted_on: date, run_date: date, settings: Settings) -> bool:
    """Whether a fit still holds: it is not old, and code and settings are those that it was made by."""
    return (run_date - fitted_on).days < settings.rhythm.refit_after_days and lake.is_current(LIFE)


def fitted(groups: pa.Table, settings: Settings) -> InterpurchaseTimes:
    """The rhythm of tonight's customers, or the assumed one where they are too few."""
    columns = {name: groups.column(name).to_numpy().astype(float) for name in groups.column_names}
    customers, needed = int(columns["customers"].sum()), settings.rhythm.min_customers
    if customers < needed:
        note = (
            f"silences are judged by an assumed rhythm: {customers} customers have ordered on two days or more, "
            f"a fit needs {needed}"
        )
        return assumed_interpurchase_times(settings.rhythm.assumed_gap_days, note)
    return fit_interpurchase_times(
        GapGroups(
            columns["gap_count"], columns["gap_days"], columns["customers"], columns["log_days"].sum() / states.LOG_UNIT
        )
    )


def assumed(exposure: dict[str, Any], note: str, settings: Settings) -> InterpurchaseTimes:
    """The assumed rhythm, corrected by what was seen: where few come back, long waiting says how rarely they do.

    Args:
        exposure: days that customers have been known for, and gaps that ended in them.
    """
    believed = settings.rhythm.min_customers
    days = settings.rhythm.assumed_gap_days * believed + float(exposure["days"])
    return assumed_interpurchase_times(days / (believed + float(exposure["gaps"])), note)


def factors(lake: Lake, interpurchase: InterpurchaseTimes, run_date: date, settings: Settings) -> pa.Table:
    """The factors of each number of gaps that a customer can have: no more than the company has days."""
    first_day = lake.fetch(first_day_query(run_date)).to_pylist()[0]["first_day"] or run_date
    return states.factors(interpurchase, (run_date - first_day).days + 1, settings)


def keep_history(lake: Lake, tonight: Table, run_date: date, settings: Settings, count: int) -> None:
    """Merge what changed into the history, and count the night's moves."""
    old = values.older_rows(lake, SPEC)
    counted = lake.fetch(moves_query(tonight, run_date, old))
    values.publish_night(lake, history_query(tonight, run_date, old), count, run_date, SPEC)
    last = lake.fetch(last_night_query(run_date)).to_pylist()[0]["last"]
    night = moves.matrix(counted, run_date, (run_date - last).days if last else None, settings.moves)
    lake.publish(MOVES, night, run_date)
    if wrong := moves.faults(night):
        lake.note(
            MOVES,
            f"{wrong} customers made a move that conf/life_cycle.yaml does not allow in "
            "a day: orders that came late, merged or split customers, or a new fit",
        )
