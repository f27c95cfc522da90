"""How right a linkage says that it is, beside how right it is.

Usage: python -m benchmarks.expected [--data DIR] [--only NAME]
One row per set: expected and true precision, expected and true recall, and whether both are within 0.05. The truth is
looked at only after the linkage has said what it expects.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import identity
from jobs.identity.record_sets import evaluate, file_fields, file_linkage, file_report

MOST_OFF = 0.05
COLUMNS = ("set", "records", "precision expected", "true", "recall expected", "true", "within")


def main() -> int:
    """Exit code 1 where a set is further off than may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with er_dblp_acm and others")
    parser.add_argument("--only", default="", help="part of a set's name")
    options = parser.parse_args()
    table, off = Table(*COLUMNS), 0
    with tempfile.TemporaryDirectory() as folder:
        for name, files, fields_yaml, truth in identity.known_sets(options.data, Path(folder), options.only):
            if not all(path.is_file() for path in files):
                continue
            cells, is_within = row_of(files, identity.FORMS / fields_yaml, truth)
            off += not is_within
            table.add_row(name, *cells)
            print(name, *cells, flush=True)
    Console(width=140).print(table)
    return 1 if off else 0


def row_of(files: list[Path], fields_yaml: Path, truth: Path) -> tuple[list[str], bool]:
    """The cells of a set, and whether what it expects is near the truth."""
    file_settings = file_fields.settings_of(fields_yaml)
    linkage = file_linkage.link(files, file_settings, identity.CONF)
    both, across = file_report.with_truth(linkage, file_settings, truth, files)
    true = evaluate.report(both, across)
    sure = linkage.expected
    if sure.precision is None or sure.recall is None:
        return [f"{len(both):,}", "none", f"{true.precision:.3f}", "none", f"{true.recall:.3f}", "-"], True
    is_within = abs(sure.precision - true.precision) <= MOST_OFF and abs(sure.recall - true.recall) <= MOST_OFF
    figures = [f"{value:.3f}" for value in (sure.precision, true.precision, sure.recall, true.recall)]
    return [f"{len(both):,}", *figures, "yes" if is_within else "NO"], is_within


if __name__ == "__main__":
    sys.exit(main())
