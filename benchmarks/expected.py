"""How right a linkage says that it is, beside how right it is.

Usage: python -m benchmarks.expected [--data DIR] [--only NAME] [--later N]
One row per set, of different kinds: published ones, people with usual and with many faults, families, namesakes, two
censuses, Chinese customers, catalogues and publications, and companies after a night (families and firms, and the
company of --company, whose keys lie). Expected and true precision and recall, and whether what is told is within 0.05.
The truth is looked at only after the linkage has said what it expects; "-" is a figure that it says cannot be told.
--later N makes sets of the same kinds by seeds N further on.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import expected_nights, identity
from jobs.identity.record_sets import evaluate, file_fields, file_linkage, file_report

MOST_OFF = 0.05
COLUMNS = ("set", "records", "precision expected", "true", "recall expected", "true", "within")
Shares = tuple[float | None, float | None]


def main() -> int:
    """Exit code 1 where a set is further off than may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with er_dblp_acm and others")
    parser.add_argument("--company", type=Path, default=Path("../shared/cases/identity/lake_keys"))
    parser.add_argument("--only", default="", help="part of a set's name")
    parser.add_argument("--later", type=int, default=0, help="added to the seeds of what is made up")
    options = parser.parse_args()
    table, off = Table(*COLUMNS), 0
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            (name, files, fields_yaml, truth)
            for name, files, fields_yaml, truth in identity.known_sets(
                options.data, Path(folder), options.only, options.later
            )
            if all(path.is_file() for path in files)
        ]
        for name, files, fields_yaml, truth in rows:
            off += not _add(table, name, *row_of(files, identity.FORMS / fields_yaml, truth))
    for name, measure in expected_nights.companies(options.company, options.later).items():
        if options.only in name:
            off += not _add(table, name, *measure())
    Console(width=140).print(table)
    return 1 if off else 0


def row_of(files: list[Path], fields_yaml: Path, truth: Path) -> tuple[int, Shares, Shares]:
    """How many records a set has, what the linkage expects, and what is true."""
    file_settings = file_fields.settings_of(fields_yaml)
    linkage = file_linkage.link(files, file_settings, identity.CONF)
    both, across = file_report.with_truth(linkage, file_settings, truth, files)
    true, sure = evaluate.report(both, across), linkage.expected
    return len(both), (sure.precision, sure.recall), (true.precision, true.recall)


def _add(table: Table, name: str, count: int, told: Shares, true: Shares) -> bool:
    """Add a row; whether what is told is near the truth."""
    off = [abs(one - other) > MOST_OFF for one, other in zip(told, true, strict=True) if None not in (one, other)]
    shown = [("-" if share is None else f"{share:.3f}") for both in zip(told, true, strict=True) for share in both]
    cells = [name, f"{count:,}", *shown, "NO" if any(off) else "yes" if off else "-"]
    table.add_row(*cells)
    print(*cells, flush=True)
    return not any(off)


if __name__ == "__main__":
    sys.exit(main())
