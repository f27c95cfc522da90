"""`lakehouse reference`: write the reference pages from contracts, settings, docstrings and the command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Where to."""

    out: Annotated[Path, typer.Option(metavar="DIR", help="folder to write to")] = Path("var/docs/pages/reference")


def run(options: Options) -> int:
    """Write the pages and say how many."""
    from lakehouse.config.documents import shown

    pages = reference(options)
    for name, text in pages.items():
        path = options.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{shown(options.out)}: {len(pages)} pages")
    return 0


def reference(options: Options) -> dict[str, str]:
    """File name -> Markdown, of every page."""
    from lakehouse.cli.reference_pages import command_line, modules, settings, tables
    from lakehouse.config.documents import packaged
    from lakehouse.contracts.contract import Contracts

    root = Path(__file__).resolve().parents[2]
    code = modules.pages(root, "lakehouse") | modules.pages(root, "jobs")
    declared = tables.pages(Contracts(conf_of(options))) | settings.pages(packaged("conf"))
    return command_line.pages() | declared | modules.contents(list(code)) | code
