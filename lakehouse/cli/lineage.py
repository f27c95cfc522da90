"""`lakehouse lineage`: from which columns of the exports a column comes, and what is made of it.

Exit code 1 with `--check` when a column leads nowhere or a query has a fault; an unknown name is a usage error (2).
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.authoring.lineage.graph import Graph
from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of, exactly_one


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Which column, which way, and as what."""

    column: Annotated[
        str | None, typer.Argument(metavar="TABLE.COLUMN", help="or TABLE: a line for each of its columns")
    ] = None
    down: Annotated[bool, typer.Option("--down/--up", help="what is made of it, not what it is made of")] = False
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="draw it, too: a page with a picture")] = None
    check: Annotated[
        bool, typer.Option("--check", help="whether every column leads to an export's, or is the run's own")
    ] = False


def run(options: Options) -> int:
    """Print the tree, and draw it where asked."""
    from lakehouse.authoring.lineage import kept

    exactly_one({"TABLE.COLUMN": options.column, "--check": options.check})
    known = kept.known(conf_of(options))
    if not options.check:
        return _shown(known.graph, str(options.column), options)
    for item in known.findings:
        print(item.line(), file=sys.stderr)
    count = sum(1 for name in known.graph.sources if not name.startswith("bronze."))
    print(f"{count:,} columns, {len(known.findings) or 'no'} fault{'' if len(known.findings) == 1 else 's'}")
    return 1 if known.findings else 0


def _shown(graph: Graph, asked: str, options: Options) -> int:
    from lakehouse.authoring.lineage import picture, tree

    if tree.columns_of(graph, asked):
        print("\n".join(tree.summary(graph, asked)))
        return 0
    name = tree.known_name(graph, asked)
    print("\n".join(tree.lines(graph, name, options.down)))
    if options.html:
        options.html.write_text(picture.page(graph, name, options.down), encoding="utf-8")
        print(f"drawn in {options.html}")
    return 0
