"""`lakehouse experiment design NAME`: how many customers and days an experiment needs, by the company's own past."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil
from typing import Annotated, Any, Literal

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which experiment, by which night's past."""

    action: Annotated[Literal["design"], typer.Argument(help="customers and days that it needs")]
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="only these (default: all)")] = None
    as_of: Annotated[
        date | None, typer.Option(parser=day, metavar="D", help="by the tables of the night of D (default: the last)")
    ] = None
    format: Annotated[Literal["table", "json"], typer.Option(help="the form of the answer")] = "table"


def run(options: Options) -> int:
    """Print the designs; exit code 2 for a name that nothing defines."""
    from jobs.gold.settings.experiment_reading import Settings
    from jobs.gold.settings.experiments import known
    from lakehouse.config.findings import nearest
    from lakehouse.errors import ConfigError
    from lakehouse.lake.local_tables import LocalTables

    conf = conf_of(options)
    settings = known(conf, conf.settings("experiment_reading", Settings))
    for name in options.names or ():
        if name not in settings.experiments:
            remedy = nearest(name, settings.experiments) or f"add experiments/{name}.yaml"
            raise ConfigError(f"there is no experiment '{name}'", "experiments", remedy)
    tables = LocalTables(conf, options.as_of)
    chosen = options.names or list(settings.experiments)
    designs = [row for name in chosen for row in design_of(name, settings, tables)]
    print(json.dumps(designs)) if options.format == "json" else _shown(designs)
    return 0


def design_of(name: str, settings: Any, tables: Any) -> list[dict[str, Any]]:
    """Per treated arm: customers needed for relative_effect, customers there are, and what these would show.

    The past is the horizon that ends with the night's day, and the one before it, of the customers who would be in it
    had it begun then.
    """
    from jobs.gold.experiment_results import sums_query
    from lakehouse.experiments import design
    from lakehouse.experiments.moments import Moments

    one = settings.experiments[name]
    began = tables.run_date - timedelta(days=one.horizon_days)
    as_if = one.replace(start_date=began)
    past = settings.replace(experiments={name: as_if})
    rows = tables.answer(sums_query(tables.run_date, past)).to_pylist()
    mine = [r for r in rows if (r["experiment"], r["metric"], r["segment"]) == (name, one.metric, "all")]
    moments = sum((Moments(*(r[k] for k in ("n", "y", "yy", "x", "xx", "xy"))) for r in mine), Moments())
    found, growth = [], growth_of(tables, one.horizon_days)
    for arm, share in one.arms.items():
        if arm == one.control:
            continue
        shares = (one.arms[one.control], share)
        there = moments.n * sum(shares) / sum(one.arms.values())
        row = {"experiment": name, "arm": arm, "metric": one.metric, "mean": moments.mean, "customers": round(there)}
        row["unit"] = one.unit
        try:
            plan = design.design(moments, one.relative_effect, shares, settings.power, 1 - settings.level)
        except ValueError as error:
            found.append({**row, "note": str(error)})
            continue
        least = design.detectable(moments, there, shares, settings.power, 1 - settings.level)
        row |= {**asdict(plan), "detectable": least, "days": one.horizon_days}
        found.append({**row, **_wait(plan.cuped_units - there, there * growth, one.unit)})
    return found


def growth_of(tables: Any, days: int) -> float:
    """Customers with a first order who come a day, as a share of those there are."""
    from lakehouse.sql.query import Query

    first = tables.run_date - timedelta(days=days)
    sql = f"""SELECT count(CASE WHEN first_order_date > DATE '{first}' THEN 1 END) AS came, count(*) AS there
              FROM {{customer_profile}} WHERE first_order_date <= DATE '{tables.run_date}'"""
    known = Query(sql, {"customer_profile": "gold.customer_profile"}, answers="came BIGINT, there BIGINT")
    (row,) = tables.answer(known).to_pylist()
    return row["came"] / row["there"] / days if row["there"] else 0.0


def _wait(missing: float, a_day: float, unit: str) -> dict[str, Any]:
    """wait_days: until there are enough, NULL where nobody new comes; note: what to do."""
    if missing <= 0:
        return {"wait_days": 0, "note": ""}
    if a_day <= 0:
        return {"wait_days": None, "note": f"too few {unit}s, and no new ones come: look for a larger effect"}
    days = ceil(missing / a_day)
    note = f"too few {unit}s: look for a larger effect, or wait: at {a_day:,.1f} new ones a day for {days:,} days"
    return {"wait_days": days, "note": note}


def _shown(designs: list[dict[str, Any]]) -> None:
    for d in designs:
        print(f"{d['experiment']}, arm {d['arm']}:")
        if "units" in d:
            print(f"  {d['metric']} averaged {d['mean']:,.2f} a {d['unit']} in the last {d['days']} days")
            print(f"  a change of {d['relative_effect']:.0%} needs {d['units']:,} {d['unit']}s in both arms,")
            print(f"  {d['cuped_units']:,} where the past is taken out (CUPED), and {d['days']} days")
            print(f"  there are {d['customers']:,}: without the past they show a change of {d['detectable']:.1%}")
        if d["note"]:
            print(f"  note: {d['note']}")
