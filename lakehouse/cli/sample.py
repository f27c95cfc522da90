"""`lakehouse sample`: write the sample company's channel exports into the drop zone."""

import argparse
from pathlib import Path

from lakehouse.cli.main import conf_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many nights."""
    parser.add_argument("--nights", type=int, default=94, help="deliveries to write, from 2017-09-30 on (94 are all)")
    parser.add_argument(
        "--with-promotions", action="store_true", help="also the 20.9 million promotion rows (scale tests)"
    )


def run(options: argparse.Namespace) -> int:
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
