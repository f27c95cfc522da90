"""`lakehouse summary`: what the last night did, what is in each table, the top findings, and where to look."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer
from rich.columns import Columns
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from jobs.report.page.night_facts import Facts, Rows, gather
from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day
from lakehouse.config.layers import Conf


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which night."""

    run_date: Annotated[
        date | None, typer.Option(parser=day, metavar="D", help="the night of this day (default: the last)")
    ] = None


def run(options: Options) -> int:
    """Print the summary."""
    show(conf_of(options), options.run_date)
    return 0


def show(conf: Conf, run_date: date | None) -> None:
    """Print the summary of a day's night (None: the last)."""
    console = Console(highlight=False)
    facts = gather(conf, run_date)
    if facts is None:
        console.print("No night has run yet. Start one with 'make nightly' or 'lakehouse night'.")
        return
    console.rule(f"[bold]Night of {facts.run_date}[/]")
    console.print(_headline(facts))
    for part in (_arrivals(facts), _refused(facts), _lines(facts), _findings(facts)):
        if part:
            console.print(part)
    console.print(Columns([part for part in (_identity(facts), _value(facts), _segments(facts)) if part]))
    offers = (_rules(facts), _follow_on(facts), _recommendations(facts))
    for part in (*offers, _model(facts), _slowest(facts), _notes(facts), _where(conf, facts)):
        if part:
            console.print(part)


def grid(title: str, columns: list[str], rows: Rows, limit: int = 12) -> Table | None:
    """A small table of rows, or None for none."""
    if not rows:
        return None
    shown = Table(*columns, title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
    for row in rows[:limit]:
        shown.add_row(*(text(row.get(column)) for column in columns))
    return shown


def text(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if hasattr(value, "as_tuple") else str(value)


def _headline(facts: Facts) -> str:
    failed = [row for row in facts.jobs if row["outcome"] in ("failed", "blocked")]
    state = "[green]published[/]" if facts.is_published and not failed else "[bold red]not published[/]"
    seconds = sum(row["seconds"] or 0.0 for row in facts.jobs)
    lines = [f"{state}: {len(facts.jobs)} jobs recorded, {seconds:.0f} s of work"]
    lines += [f"[bold red]{r['job']}[/] {r['outcome']}: {r['error'] or r['reason']}" for r in failed]
    return "\n".join(lines)


def _arrivals(facts: Facts) -> Table | None:
    by_export: dict[tuple[str, str], dict[str, Any]] = {}
    for f in facts.files:
        key = (f["export"] or "(no export)", f["state"])
        row = by_export.setdefault(key, {"export": key[0], "state": key[1], "files": 0, "MB": 0.0})
        row["files"] += 1
        row["MB"] += (f["bytes"] or 0) / 1e6
    rows = [{**row, "MB": round(row["MB"], 1)} for row in by_export.values()]
    return grid("What arrived", ["export", "state", "files", "MB"], rows, 30)


def _refused(facts: Facts) -> Table | None:
    rows = [f for f in facts.files if f["state"] in ("refused", "unknown", "incomplete")]
    return grid("Refused or waiting", ["path", "state", "reason", "remedy"], rows)


def _lines(facts: Facts) -> Table | None:
    rows = [{**r, "discarded": r["lines_in"] - r["lines_in_rows"] - r["quarantined"]} for r in facts.rows["lines"]]
    return grid(
        "Where the lines went", ["table", "export", "lines_in", "rows_out", "quarantined", "discarded"], rows, 40
    )


def _findings(facts: Facts) -> str:
    checks, failed = facts.one("checks"), facts.rows["failed_checks"]
    lines = [
        f"[bold]Checks[/] {text(checks.get('checks'))} on {text(checks.get('tables'))} tables, {len(failed)} failed"
    ]
    lines += [f"  {row['severity']}: {row['table']} {row['expectation']}: {row['why']}" for row in failed[:8]]
    lines += [
        f"  quarantined: {row['lines']:,} lines, {row['reason']} ({row['table']})" for row in facts.rows["reasons"][:8]
    ]
    lines += [
        f"  in quarantine in all: {row['lines']:,} lines, {row['reason']} ({row['table']}), for {row['age_days']} days"
        for row in facts.rows.get("quarantine", [])[:8]
        if row["lines"] > row["tonight"]
    ]
    late = [row["export"] for row in facts.freshness if row["is_late"]]
    lines += [f"  late: {', '.join(late)}"] if late else []
    return "\n".join(lines)


def _identity(facts: Facts) -> Panel | None:
    unified = facts.one("unified")
    if not unified:
        return None
    events = ", ".join(f"{row['events']:,} {row['event']}" for row in facts.rows["ledger"])
    counts = f"{unified['accounts']:,} accounts\n{unified['customers']:,} customers"
    lines = [counts, f"tonight: {events or 'no change'}", *_linkage(facts)]
    return Panel("\n".join(lines), title="Customers before and after")


def _linkage(facts: Facts) -> list[str]:
    """How the night's linkage went, what waits for a steward, and with which command it is decided."""
    quality, lines = facts.one("linkage"), []
    if quality:
        right = quality["estimated_precision"]
        lines += [
            f"{quality.get('pairs_compared') or 0:,} pairs compared"
            + (f", {right:.1%} of those joined expected right" if right is not None else "")
        ]
    lines += [f"{row['questions']:,} to review: {row['reason']}" for row in facts.rows["review"]]
    lines += ["  lakehouse decide --steward YOU --same|--never ACCOUNT ACCOUNT"] if facts.rows["review"] else []
    for row in facts.rows["model_changes"]:
        lines += [
            f"model {row['model']} would change {row['customers']:,} customers",
            f"  lakehouse decide --steward YOU --apply-model {row['model']}",
        ]
    return lines


def _value(facts: Facts) -> Panel | None:
    value = facts.one("value")
    if not value or not value["customers"]:
        return None
    return Panel(
        f"{value['customers']:,} customers valued\n{text(value['clv'])} expected in 365 days\n"
        f"{(value['orders_90d'] or 0):,.0f} orders in 90 days\nmean P(alive) {value['p_alive'] or 0:.2f}",
        title="Value",
    )


def _segments(facts: Facts) -> Table | None:
    return grid("Segments", ["segment", "customers", "spend"], facts.rows["segments"])


def _rules(facts: Facts) -> Table | None:
    rows = [{**r, "if": " + ".join(r["antecedent"]), "then": r["consequent"]} for r in facts.rows["rules"][:5]]
    count = text(facts.one("rule_count").get("rules"))
    return grid(f"Top rules of {count}", ["if", "then", "basket_count", "confidence", "lift"], rows)


def _follow_on(facts: Facts) -> Table | None:
    due = facts.one("due_now")
    title = f"First this, then that; {text(due.get('by_rule'))} such purchases and"
    title += f" {text((due.get('rows') or 0) - (due.get('by_rule') or 0))} repeated ones fall due"
    columns = ["antecedent", "consequent", "window_days", "confidence", "base_rate", "holds_later"]
    return grid(title, columns, facts.rows["follow_on"])


def _model(facts: Facts) -> str | None:
    churn = facts.one("churn")
    if not churn:
        return None
    notes = [n for row in facts.jobs if row["job"].startswith("models.") for n in row["notes"] or []]
    text = f"[bold]Churn[/] model version {churn['model_version']}, {churn['customers']:,} customers scored, "
    return text + f"{churn['likely']:,} more likely than not to stay away" + "".join(f"\n  {n}" for n in notes[:3])


def _recommendations(facts: Facts) -> str | None:
    counts, judged = facts.one("recommendations"), facts.one("recommended_well")
    if not counts.get("rows"):
        return None
    text = (
        f"[bold]Recommendations[/] {counts['rows']:,} to {counts['customers']:,} customers, {counts['new_items']:,} new"
    )
    if not judged:
        return text
    plain, strict = (judged["recall"] / max(judged[name], 1e-9) for name in ("by_popularity", "by_not_bought"))
    text += f"; as of {judged['as_of']} {plain:.1f} times as many new items were bought as of the ten most popular ones"
    return f"{text}, {strict:.1f} times as many as of the most popular that they had not bought"


def _slowest(facts: Facts) -> Table | None:
    rows = sorted((r for r in facts.jobs if r["seconds"]), key=lambda r: -r["seconds"])
    return grid("Slowest jobs", ["job", "seconds", "spark_jobs", "input_rows"], rows, 5)


def _notes(facts: Facts) -> str | None:
    notes = [n for row in facts.jobs if not row["job"].startswith("models.") for n in row["notes"] or []]
    return "[bold]Notes[/]\n" + "\n".join(f"  {note}" for note in notes[:12]) if notes else None


def _where(conf: Conf, facts: Facts) -> str:
    reports = conf.profile.path(conf.profile.reports)
    places = {
        "report": f"{reports}/{facts.run_date}.html",
        "Data Docs": f"{reports}/data_docs/index.html",
        "tables": 'lakehouse tables; lakehouse sql "SELECT * FROM gold.customer_profile LIMIT 5"',
        "screens": "make ui (Airflow, MLflow, reports)",
    }
    return "\n[bold]Where to look[/]\n" + "\n".join(f"  {name:10} {place}" for name, place in places.items())
