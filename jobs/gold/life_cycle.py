"""Gold: where each customer stands in their life with the company, since when, and why; and who moved.

Reads   gold.customer_order_days, identity.customer_map, identity.customer_id_ledger, silver.customers
Writes  gold.life_cycle, one row per customer;
        gold.life_cycle_history, one row per customer and stretch of days in one state;
        gold.life_cycle_moves, one row per night and move from one state to another: the transition matrix;
        gold.life_cycle_rhythm, one row per fit of how often customers buy
"""

from datetime import date

import pyarrow as pa

from jobs.gold.customer_figures.customer_days import TABLES
from jobs.gold.life import moves, states, validity
from jobs.gold.life.rhythm import GapGroups, Rhythm, assumed_rhythm, fit_rhythm, rhythm_columns
from jobs.gold.settings.life_cycle import Settings as Settings
from lakehouse.lake.lake import Lake
from lakehouse.lake.queries import Table, fetch

READS = ("gold.customer_order_days", "identity.customer_map", "identity.customer_id_ledger", "silver.customers")
WRITES = ("gold.life_cycle", "gold.life_cycle_history", "gold.life_cycle_moves", "gold.life_cycle_rhythm")
AGES = True
CONF = "life_cycle"

LIFE, HISTORY, MOVES, RHYTHM = WRITES
FORM = validity.Form(key=("customer_id",), told=("state", "since"))
FIT = ("shape", "r", "alpha_days", "customer_count", "gap_count", "log_likelihood", "is_converged", "note")


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Place every customer, then keep what changed since the night before."""
    count = lake.row_count("identity.customer_map")
    gaps = {"gaps": states.order_gaps_sql(run_date, settings.lost.at_most_days)}
    rhythm = tonights_rhythm(lake, gaps, run_date, settings)
    tables = {**TABLES, "customers": "silver.customers", "factors": factors(lake, rhythm, run_date, settings)}
    steps = {**gaps, **states.steps(rhythm, settings)}
    rows = lake.rows(states.life_cycle_sql(run_date, settings), tables, count, steps)
    tonight = rows if isinstance(rows, pa.Table) else lake.hold(rows, count)
    if not lake.publish(LIFE, tonight, run_date).row_count:
        lake.note(LIFE, "no customers are known yet")
    keep_history(lake, tonight, run_date, settings, count)


def tonights_rhythm(lake: Lake, gaps: dict[str, str], run_date: date, settings: Settings) -> Rhythm:
    """The last fit while it is young enough; else a new one, which is kept."""
    asked = settings.rhythm
    sql = f"SELECT * FROM {{fits}} WHERE run_date < DATE '{run_date}' ORDER BY run_date DESC LIMIT 1"
    last = lake.fetch(sql, {"fits": RHYTHM}).to_pylist()
    if last and last[0]["gap_count"] and (run_date - last[0]["run_date"]).days < asked.refit_after_days:
        return Rhythm(**{name: last[0][name] for name in FIT})
    rhythm = fitted(fetch(lake, states.gap_groups_sql(asked.fit_customers), TABLES, gaps), settings)
    if rhythm.note:
        lake.note(LIFE, rhythm.note)
    row = pa.Table.from_pylist([{"run_date": run_date, **rhythm_columns(rhythm)}])
    lake.publish(RHYTHM, row, run_date)
    return rhythm


def fitted(groups: pa.Table, settings: Settings) -> Rhythm:
    """The rhythm of tonight's customers, or the assumed one where they are too few."""
    columns = {name: groups.column(name).to_numpy().astype(float) for name in groups.column_names}
    customers, needed = int(columns["customers"].sum()), settings.rhythm.min_customers
    if customers < needed:
        note = (
            f"silences are judged by an assumed rhythm: {customers} customers have ordered on two days or more, "
            f"a fit needs {needed}"
        )
        return assumed_rhythm(settings.rhythm.assumed_gap_days, note)
    return fit_rhythm(
        GapGroups(
            columns["gap_count"], columns["gap_days"], columns["customers"], columns["log_days"].sum() / states.LOG_UNIT
        )
    )


def factors(lake: Lake, rhythm: Rhythm, run_date: date, settings: Settings) -> pa.Table:
    """The factors of each number of gaps that a customer can have: no more than the company has days."""
    sql = f"SELECT min(order_date) AS first_day FROM {{order_days}} WHERE order_date <= DATE '{run_date}'"
    first_day = lake.fetch(sql, TABLES).to_pylist()[0]["first_day"] or run_date
    return states.factors(rhythm, (run_date - first_day).days + 1, settings)


def keep_history(lake: Lake, tonight: Table, run_date: date, settings: Settings, count: int) -> None:
    """Merge what changed into the history, and count the night's moves."""
    tables = {"tonight": tonight, "history": HISTORY, "ledger": "identity.customer_id_ledger"}
    steps = validity.history_steps(run_date, FORM)
    counted = fetch(lake, moves.moves_sql(), tables, {"before": steps["before"]})
    lake.publish(HISTORY, lake.rows(validity.changes_sql(FORM), tables, count, steps), run_date)
    sql = f"SELECT max(run_date) AS last FROM {{moves}} WHERE run_date < DATE '{run_date}'"
    last = lake.fetch(sql, {"moves": MOVES}).to_pylist()[0]["last"]
    night = moves.matrix(counted, run_date, (run_date - last).days if last else None, settings.moves)
    lake.publish(MOVES, night, run_date)
    if wrong := moves.faults(night):
        lake.note(
            MOVES,
            f"{wrong} customers made a move that conf/life_cycle.yaml does not allow in "
            "a day: orders that came late, merged or split customers, or a new fit",
        )
