"""`lakehouse models`: every model of conf and of the lake, with champion, challenger, age, figures and alarms."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of

if TYPE_CHECKING:
    from lakehouse.modelling.store import Store

SHOWN = ("model", "champion", "age_days", "auc", "rmse", "ece", "health", "challenger", "why")


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """How to print."""

    json: Annotated[bool, typer.Option("--json", help="print a JSON object a line")] = False


def run(options: Options) -> int:
    """Print a line for each model."""
    from rich.console import Console
    from rich.table import Table

    from lakehouse.modelling import named, store

    conf = conf_of(options)
    rows = [row_of(store.of_conf(conf), name) for name in named.models_of(conf)]
    if options.json:
        print("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
        return 0
    shown = Table(*SHOWN)
    for row in rows:
        shown.add_row(*(str(row.get(key, "")) for key in SHOWN))
    Console().print(shown)
    return 0


def row_of(of: "Store", kind: str) -> dict[str, Any]:
    """One model: what serves, since when, how good it was, whether its files are whole, and who waits."""
    from lakehouse.errors import LakehouseError

    versions = {str(version.version): version for version in of.models.versions(kind)}
    number = of.models.champion_number(kind)
    row: dict[str, Any] = {"model": kind, "champion": number or "none"}
    if number in versions:
        tags = versions[number].tags
        made = datetime.fromtimestamp(versions[number].creation_timestamp / 1000, UTC)
        row |= {
            "age_days": (datetime.now(UTC) - made).days,
            **{k: tags[k] for k in ("auc", "rmse", "ece") if k in tags},
        }
        try:
            of.champion(kind)
            alarms = tags.get("alarms", "none")
            row["health"] = "good" if alarms == "none" else alarms
        except LakehouseError as error:
            row["health"] = f"REFUSED: {error.what}"
    waiting = [v for v in versions.values() if "challenger" in getattr(v, "aliases", [])]
    if waiting:
        row |= {"challenger": str(waiting[0].version), "why": waiting[0].tags.get("reason", "")}
    return row
