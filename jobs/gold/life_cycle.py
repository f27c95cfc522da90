"""Gold: where each customer stands in their life with the company, since when, and why; and who moved.

Reads   gold.customer_order_days, identity.customer_map, identity.customer_id_ledger, silver.customers
Writes  gold.life_cycle, one row per customer;
        gold.life_cycle_history, one row per customer and stretch of days in one state;
        gold.life_cycle_moves, one row per night and move from one state to another: the transition matrix;
        gold.life_cycle_rhythm, one row per fit of how often customers buy
"""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from jobs.gold.customer_figures.customer_days import TABLES
from jobs.gold.histories import values
from jobs.gold.life import moves, states
from jobs.gold.life.interpurchase_time import (
    GapGroups,
    InterpurchaseTimes,
    assumed_interpurchase_times,
    fit_interpurchase_times,
    interpurchase_columns,
)
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
    interpurchase = tonights_interpurchase_times(lake, run_date, settings)
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
    yield gap_groups_query(run_date, settings)
    tonight = life_cycle_query(interpurchase, made_factors(), run_date, settings)
    yield from (tonight, moves_query(tonight, run_date), history_query(tonight, run_date))


def made_factors() -> Made:
    """What `states.factors` makes of the rhythm, for a check."""
    columns = {"gap_count": "INT", "usual": "DOUBLE", "dormant": "DOUBLE", "lost": "DOUBLE"}
    bought = ("gold.customer_order_days.order_date", "gold.customer_order_days.order_count")
    return Made(columns, dict.fromkeys(("usual", "dormant", "lost"), bought))


def gaps_step(run_date: date, settings: Settings) -> dict[str, str]:
    """Every customer's order days, with the gaps before them."""
    return {"gaps": states.order_gaps_sql(run_date, settings.lost.at_most_days)}


def gap_groups_query(run_date: date, settings: Settings) -> Query:
    """Customers alike in their gaps."""
    sql = states.gap_groups_sql(settings.rhythm.fit_customers)
    columns = "gap_count BIGINT, gap_days BIGINT, customers BIGINT, log_days BIGINT"
    return Query(sql, TABLES, gaps_step(run_date, settings), answers=columns)


def life_cycle_query(interpurchase: InterpurchaseTimes, of_gaps: Table, run_date: date, settings: Settings) -> Query:
    """The rows of gold.life_cycle.

    Args:
        of_gaps: the answer of `factors`.
    """
    tables: dict[str, Table] = {**TABLES, "customers": "silver.customers", "factors": of_gaps}
    steps = {**gaps_step(run_date, settings), **states.steps(interpurchase, settings)}
    return Query(states.life_cycle_sql(run_date, settings), tables, steps, answers=LIFE)


def last_fit_query(run_date: date) -> Query:
    """The newest fit from before this night."""
    sql = f"SELECT * FROM {{fits}} WHERE run_date < DATE '{run_date}' ORDER BY run_date DESC LIMIT 1"
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


def tonights_interpurchase_times(lake: Lake, run_date: date, settings: Settings) -> InterpurchaseTimes:
    """The last fit while it is young enough; else a new one, which is kept."""
    limits = settings.rhythm
    last = lake.fetch(last_fit_query(run_date)).to_pylist()
    if last and last[0]["gap_count"] and (run_date - last[0]["run_date"]).days < limits.refit_after_days:
        return InterpurchaseTimes(**{name: last[0][name] for name in FIT})
    interpurchase = fitted(lake.fetch(gap_groups_query(run_date, settings)), settings)
    if interpurchase.note:
        lake.note(LIFE, interpurchase.note)
    row = pa.Table.from_pylist([{"run_date": run_date, **interpurchase_columns(interpurchase)}])
    lake.publish(INTERPURCHASE, row, run_date)
    return interpurchase


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
