"""`lakehouse lineage`: from which columns of the exports a column comes, and what is made of it.

Exit code 1 with `--check` when a column leads nowhere; an unknown name is a usage error (2).
"""

import argparse
import sys
from pathlib import Path

from lakehouse.cli.main import conf_of
from lakehouse.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which column, which way, and as what."""
    parser.add_argument("column", nargs="?", metavar="TABLE.COLUMN", help="or TABLE: a line for each of its columns")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--up", action="store_true", help="what it is made of (the default)")
    way.add_argument("--down", action="store_true", help="what is made of it")
    parser.add_argument("--html", type=Path, metavar="FILE", help="draw it, too: a page with a picture")
    parser.add_argument("--check", action="store_true", help="whether every column leads to an export, or is the run's")


def run(options: argparse.Namespace) -> int:
    """Print the tree, and draw it where asked."""
    from lakehouse.authoring.lineage import kept, picture, tree

    known = kept.known(conf_of(options))
    if options.check:
        for item in known.findings:
            print(item.line(), file=sys.stderr)
        count = sum(1 for name in known.graph.sources if not name.startswith("bronze."))
        print(f"{count:,} columns: {len(known.findings) or 'no'} of them or of their queries with a fault")
        return 1 if known.findings else 0
    if options.column is None:
        raise ConfigError("no column is named", "", "write `lakehouse lineage gold.customer_rfm.spend`, or --check")
    if tree.columns_of(known.graph, options.column):
        print("\n".join(tree.summary(known.graph, options.column)))
        return 0
    name = tree.known_name(known.graph, options.column)
    print("\n".join(tree.lines(known.graph, name, options.down)))
    if options.html:
        options.html.write_text(picture.page(known.graph, name, options.down), encoding="utf-8")
        print(f"drawn in {options.html}")
    return 0
