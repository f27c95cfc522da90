"""Report: one page about the night, self-contained, to read on a phone and to mail; then Data Docs.

Reads   what the night recorded (ops) and published (gold, identity, models), through the lake's JVM-free reader
Writes  <reports>/<run_date>.html, <reports>/index.html, <reports>/data_docs
        ops.anomalies, what was unusual in what was recorded
"""

import shutil
import subprocess
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Undefined, select_autoescape

from jobs.report.page import charts, data_docs
from jobs.report.page.night_facts import Facts, gather
from jobs.report.page.waiting import waiting
from jobs.report.unusual import finding
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = (
    "ops.files",
    "gold.customer_profile",
    "gold.basket_rules",
    "models.churn_scores",
    "activation.decisions",
    "gold.loyalty_balances",
)
READS_PREVIOUS = ("ops.anomalies",)
WRITES = ("report.nightly", "ops.anomalies")
FORMERLY = ("nightly_report",)

NIGHTS_BACK = 30  # earlier nights that are one click away


builders: list[subprocess.Popen[bytes]] = []  # what `prepare_beside` has started


def prepare_beside() -> None:
    """Begin the long import of GX, in a process of its own."""
    if not builders:
        builders.append(data_docs.waiting())


def prepare() -> None:
    """Begin the import of the plotting library, in this process."""
    threading.Thread(target=charts.import_plotting, daemon=True).start()


def run(lake: Lake, run_date: date, profile: Profile) -> None:
    """Write the page of this night and the Data Docs of its checks."""
    lake.flush()
    folder = Path(profile.path(profile.reports))
    folder.mkdir(parents=True, exist_ok=True)
    prepare_beside()
    building = builders.pop()
    data_docs.told(building, lake.path("ops.quality"), run_date, folder / "data_docs")
    try:
        record_anomalies(lake, run_date)
        _pages(lake, run_date, folder)
    finally:
        data_docs.finished(building)


def record_anomalies(lake: Lake, run_date: date) -> None:
    """Keep what is unusual about the night; the page is written whatever becomes of it."""
    try:
        lake.record(finding.TABLE, finding.find(lake.root, lake.run.run_id, run_date))
        lake.flush(finding.TABLE)
    except Exception as error:  # noqa: BLE001 a table that is hurt or of another version: the page says all else
        lake.note(WRITES[0], f"anomalies were not looked for ({type(error).__name__}); see 'lakehouse doctor'")


def _pages(lake: Lake, run_date: date, folder: Path) -> None:
    facts = gather(lake.conf, run_date, lake.spark if lake.profile.is_on_spark_alone else None)
    if facts is None:
        return
    page = folder / f"{run_date}.html"
    page.write_text(rendered(facts, nights_of(folder)), encoding="utf-8")
    shutil.copyfile(page, folder / "latest.html")
    (folder / "index.html").write_text(index(folder), encoding="utf-8")


def rendered(facts: Facts, nights: Sequence[date] = ()) -> str:
    """The page: every plot is SVG inside it, no script, no address outside.

    Args:
        nights: days that have a page beside this one.
    """
    earlier = sorted((night for night in nights if night < facts.run_date), reverse=True)[:NIGHTS_BACK]
    template = _environment().get_template("nightly.html.j2")
    return template.render(facts=facts, charts=charts.all_of(facts), waiting=waiting(facts), earlier=earlier)


def nights_of(folder: Path) -> list[date]:
    """Days that have a page."""
    return sorted(date.fromisoformat(page.stem) for page in folder.glob("????-??-??.html"))


def index(folder: Path) -> str:
    """A page that lists the nights' pages, newest first."""
    return _environment().get_template("index.html.j2").render(nights=nights_of(folder)[::-1])


def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "page" / "templates")
    environment = Environment(loader=loader, autoescape=select_autoescape(default=True), trim_blocks=True)
    environment.filters["number"] = number
    environment.filters["money"] = money
    return environment


def number(value: object, digits: int = 0) -> str:
    """A figure with thousands separators; nothing for nothing."""
    if value is None or value == "" or isinstance(value, Undefined):
        return "–"
    return f"{float(value):,.{digits}f}"  # type: ignore[arg-type]


def money(value: object, currency: str) -> str:
    """An amount with its currency; nothing for nothing."""
    return " ".join(filter(None, (number(value), currency))) if number(value) != "–" else "–"
