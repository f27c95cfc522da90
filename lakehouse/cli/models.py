"""`lakehouse models`: every model of conf and of the lake, with champion, challenger, age, figures and alarms."""

import json
import shutil
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of

if TYPE_CHECKING:
    from lakehouse.config.layers import Conf
    from lakehouse.modelling.store import Store

NAMES = 12  # letters that the first column takes
HEALTH = "ops.model_health"


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """How to print."""

    json: Annotated[bool, typer.Option("--json", help="print a JSON object a line")] = False


def run(options: Options) -> int:
    """Print a few lines for each model."""
    from lakehouse.modelling import named, store

    conf = conf_of(options)
    watched = alarms(conf)
    rows = [row_of(store.of_conf(conf), name, watched) for name in named.models_of(conf)]
    if options.json:
        print("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
        return 0
    width = shutil.get_terminal_size().columns
    print("\n\n".join("\n".join(block(row, width)) for row in rows))
    return 0


def block(row: dict[str, Any], width: int) -> list[str]:
    """What a person reads of a model: what serves, how it is, who waits and why; sentences wrap beneath themselves."""
    serves = [f"version {row['champion']}"] if row["champion"] != "none" else ["none"]
    serves += [f"{row['age_days']} days old"] if "age_days" in row else []
    serves += [f"{name} {row[name]}" for name in ("auc", "rmse", "ece") if name in row]
    said = {"champion": ", ".join(serves)}
    if "health" in row:
        said["health"] = "\n".join(row["alarms"]) if row.get("alarms") else row["health"]
    if "challenger" in row:
        said["challenger"] = f"version {row['challenger']}: {row['why']}"
    lines = [row["model"]]
    for name, text in said.items():
        for number, sentence in enumerate(text.split("\n")):
            head = f"  {name if not number else '':<{NAMES}}"
            lines += textwrap.wrap(sentence, max(width, 40), initial_indent=head, subsequent_indent=" " * len(head))
    return lines


def alarms(conf: "Conf") -> dict[tuple[str, str], list[str]]:
    """Model and version -> what the newest night's watch found wrong; without Spark, from the lake as it is."""
    from lakehouse.ops import tables

    path = f"{conf.profile.path(conf.profile.lake)}/{HEALTH.replace('.', '/')}"
    rows = tables.read(path, ["run_date", "model", "model_version", "is_alarm", "sentence"])
    newest: dict[str, Any] = {}
    for row in rows:
        newest[row["model"]] = max(newest.get(row["model"], row["run_date"]), row["run_date"])
    found: dict[tuple[str, str], list[str]] = {}
    for row in (row for row in rows if row["run_date"] == newest[row["model"]]):
        kept = found.setdefault((row["model"], row["model_version"]), [])
        kept += [row["sentence"]] if row["is_alarm"] else []
    return found


def row_of(of: "Store", kind: str, watched: dict[tuple[str, str], list[str]]) -> dict[str, Any]:
    """One model: what serves, since when, how good it was, whether its files are whole, and who waits.

    Args:
        watched: the newest night's alarms; a version that no night has watched yet shows those of its training.
    """
    from lakehouse.errors import LakehouseError

    versions = {str(version.version): version for version in of.models.versions(kind)}
    number = of.models.champion_number(kind)
    row: dict[str, Any] = {"model": kind, "champion": number or "none"}
    if number in versions:
        tags = versions[number].tags
        made = datetime.fromtimestamp(versions[number].creation_timestamp / 1000, UTC)
        figures = {name: tags[name] for name in ("auc", "rmse", "ece") if name in tags}
        row |= {"age_days": (datetime.now(UTC) - made).days, **figures}
        try:
            of.champion(kind)
            trained = [] if tags.get("alarms", "none") == "none" else tags["alarms"].split("; ")
            row["alarms"] = watched.get((kind, number), trained)
            row["health"] = "; ".join(row["alarms"]) or "good"
        except LakehouseError as error:
            row["health"] = f"REFUSED: {error.what}"
    waiting = of.challenger(kind) if versions else None
    if waiting in versions:
        row |= {"challenger": waiting, "why": versions[waiting].tags.get("reason", "")}
    return row
