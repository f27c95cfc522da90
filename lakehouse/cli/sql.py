"""`lakehouse sql "SELECT ..."`: query tables by name in under two seconds; `--engine spark` for what needs Spark."""

import json
import sys
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, day
from lakehouse.files.formulas import harmless_row

SHOWN_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """The query, the form of the answer, the night it is about."""

    query: Annotated[str, typer.Argument(help="Spark SQL over layer.table names")]
    format: Annotated[Literal["table", "csv", "json"], typer.Option(help="the form of the answer")] = "table"
    as_of: Annotated[
        date | None, typer.Option(parser=day, metavar="D", help="read the versions that the night of D published")
    ] = None
    engine: Annotated[Literal["delta-rs", "spark"], typer.Option(help="spark for what needs it")] = "delta-rs"


def run(options: Options) -> int:
    """Print the answer."""
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    spark = None
    if options.engine == "spark":
        from lakehouse.spark import session

        spark = session.start(conf.profile, "lakehouse sql")
    from lakehouse.lake.reader import Reader

    PRINTERS[options.format](Reader(root, options.as_of, spark).sql(options.query))
    return 0


def _table(answer: pa.Table) -> None:
    shown = Table(header_style="bold")
    for name in answer.column_names:
        shown.add_column(name, overflow="fold")  # a value that is too wide goes on in the next line: an id is never cut
    for row in answer.slice(0, SHOWN_ROWS).to_pylist():
        shown.add_row(*("" if value is None else str(value) for value in row.values()))
    console = Console()
    console.print(shown)
    if answer.num_rows > SHOWN_ROWS:
        console.print(f"{SHOWN_ROWS} of {answer.num_rows:,} rows; --format csv gives all")


def _csv(answer: pa.Table) -> None:
    """CSV that a spreadsheet may open: no value is a formula; for programs there is JSON, as it is."""
    import csv

    writer = csv.writer(sys.stdout)
    writer.writerow(harmless_row(answer.column_names))
    for batch in answer.to_batches():
        writer.writerows(harmless_row(row.values()) for row in batch.to_pylist())


def _json(answer: pa.Table) -> None:
    for batch in answer.to_batches():
        for row in batch.to_pylist():
            print(json.dumps(row, default=str, ensure_ascii=False))


PRINTERS = {"table": _table, "csv": _csv, "json": _json}
