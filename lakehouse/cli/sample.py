"""`lakehouse sample`: write the sample company's channel exports into the drop zone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """How many nights."""

    nights: Annotated[int, typer.Option(help="deliveries to write, from 2017-09-30 on (94 are all)")] = 94
    with_promotions: Annotated[
        bool, typer.Option("--with-promotions", help="also the 20.9 million promotion rows (scale tests)")
    ] = False


def run(options: Options) -> int:
    """Write the files and print what they hold."""
    from lakehouse.sample import write_sample

    drop = Path(conf_of(options).profile.path(conf_of(options).profile.drop))
    summary = write_sample(
        drop, options.nights, options.with_promotions, progress=lambda text: print(f"  {text}", flush=True)
    )
    size, rows = summary.size_bytes / 1e6, sum(summary.rows.values())
    print(f"{summary.files} files of {summary.nights} deliveries in {summary.drop}: {rows:,} rows, {size:.0f} MB")
    print(f"The truth about who is who is beside it, in {summary.truth}: no job reads it.")
    return 0
