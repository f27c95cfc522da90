"""The preview part of `lakehouse check`: what each target makes of a delivered file."""

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakehouse.authoring import preview
from lakehouse.authoring.checks import Checked
from lakehouse.authoring.checks.target_checks import FILLED
from lakehouse.authoring.preview.figures import Figures
from lakehouse.authoring.preview.reading import LINES
from lakehouse.cli import check_figures
from lakehouse.cli.check_options import Options
from lakehouse.config.documents import shown
from lakehouse.config.exports import Export, Target
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract
from lakehouse.errors import ConfigError

ROWS = 20
ALL_ROWS = 1_000_000  # one export's figures are those of its whole file, up to so many rows
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def show(conf: Conf, checked: Checked, options: Options) -> None:
    """Print previews of one export, or a line per target of all."""
    chosen = _chosen(checked.exports, options)
    rows = options.rows if options.rows is not None else (ROWS if len(chosen) == 1 else 0)
    delivered = [] if options.file else list(_delivered(Path(conf.profile.path(conf.profile.drop))))
    console, summary = Console(), _summary()
    with preview.connection() as opened:
        view = _View(console, summary, checked.contracts, opened, rows, options.show_personal, conf)
        for name, export in chosen.items():
            path = options.file or _newest(export, delivered)
            if path is None:
                summary.add_row(name, "", "", "", "no file in the drop zone; --file FILE previews one")
                continue
            try:
                source = preview.lines(path, export, ALL_ROWS if len(chosen) == 1 else LINES)
                view.targets(export, source, path)
            except ValueError as error:
                summary.add_row(name, "", "", "", f"{path.name}: {error}")
    console.print(summary)
    if not rows and chosen:
        console.print("--export NAME shows 20 mapped rows of each target; --rows N as many of all")


def _summary() -> Table:
    table = Table("export", "target", header_style="bold", box=SIMPLE_HEAD)
    for name in ("lines", "rows"):
        table.add_column(name, justify="right")
    table.add_column("remarks", overflow="fold")
    for column in table.columns[:2]:
        column.no_wrap = True
    return table


def _chosen(exports: dict[str, Export], options: Options) -> dict[str, Export]:
    if options.export:
        if options.export not in exports:
            raise ConfigError(f"there is no export {options.export}", "--export", f"known are: {', '.join(exports)}")
        return {options.export: exports[options.export]}
    if options.file is None:
        return exports
    matching = {n: e for n, e in exports.items() if _belongs(options.file.name, options.file.name, e)}
    if not matching:
        raise ConfigError(
            f"no export's files match {options.file.name}",
            "--file",
            "name the export with --export, or propose one: lakehouse new-export FILE",
        )
    return matching


def _belongs(name: str, inside: str, export: Export) -> bool:
    return any(fnmatch.fnmatchcase(name, glob) or fnmatch.fnmatchcase(inside, glob) for glob in export.files)


def _delivered(drop: Path) -> Iterator[tuple[str, str, Path]]:
    """Day, path inside the day's folder, file; nothing where there is no drop zone."""
    days = [d for d in drop.iterdir() if d.is_dir() and DAY.fullmatch(d.name)] if drop.is_dir() else []
    for day in days:
        for path in day.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield day.name, path.relative_to(day).as_posix(), path


def _newest(export: Export, delivered: list[tuple[str, str, Path]]) -> Path | None:
    matching = [(day, inside, path) for day, inside, path in delivered if _belongs(path.name, inside, export)]
    return max(matching)[2] if matching else None


@dataclass(frozen=True)
class _View:
    console: Console
    summary: Table
    contracts: dict[str, Contract]
    opened: duckdb.DuckDBPyConnection
    rows: int
    show_personal: bool
    conf: Conf

    def targets(self, export: Export, source: preview.Lines, path: Path) -> None:
        """A summary line per target, and its first rows where they are asked for."""
        count = f"{source.table.num_rows:,}"
        for target in export.targets:
            contract = self.contracts.get(target.table)
            types = {c.name: c.type for c in contract.columns} if contract else {}
            try:
                zone = self.conf.profile.business_time_zone
                made = preview.mapped(source.table, export, target, types, self.opened, zone)
            except ConfigError as error:
                self.summary.add_row(export.name, target.table, count, "", error.paragraph())
                continue
            added = check_figures.add(self.console, export, target.table, made, self.conf.profile.reporting_currency)
            remarks = "; ".join(filter(None, [_remarks(made, source, contract), self._rates(target, added)]))
            self.summary.add_row(export.name, target.table, count, f"{made.rows.num_rows:,}", remarks)
            if self.rows:
                self.console.print(_table(made, target, contract, self.rows, self.show_personal, path))
        self._whole_file(export, source, path)

    def _rates(self, target: Target, added: Figures) -> str:
        """Which currencies have no rate: their orders wait in quarantine."""
        if target.table != "silver.orders":
            return ""
        rates = self.conf.document("currency").value.get("rates") or {}
        lost = check_figures.without_rate(added, self.conf.profile.reporting_currency, rates)
        return f"no rate in currency.yaml for {', '.join(lost)}: such orders wait in quarantine" if lost else ""

    def _whole_file(self, export: Export, source: preview.Lines, path: Path) -> None:
        """What is to say of the file, and not of a target."""
        if not self.rows:
            return
        check_figures.totals(self.console, path, export)
        for sentence in [*source.remarks, *check_figures.unused(export, source, path)]:
            self.console.print(f"look: {sentence}", highlight=False, markup=False)


def _remarks(made: preview.Preview, source: preview.Lines, contract: Contract | None) -> str:
    """What a steward should know before a night: what is left out, unreadable, flagged."""
    parts = [f"{rule} {n:,}" for rule, n in made.left_out.items() if n]
    parts += [f"flag {flag} {n:,}" for flag, n in made.flags.items() if n]
    required = {c.name for c in contract.columns if c.required} - FILLED if contract else set()
    for name in made.rows.column_names:
        nulls = made.rows[name].null_count
        if nulls and (name in required or nulls == made.rows.num_rows):
            parts.append(f"{name} {'missing' if nulls < made.rows.num_rows else 'always empty'} {nulls:,}")
    parts += [f"{name} needs Spark" for name in made.needs_spark]
    parts += [f"{len(source.malformed):,} broken lines"] if source.malformed else []
    parts += [f"file lacks {', '.join(source.missing)}"] if source.missing else []
    parts += [f"not in the YAML: {', '.join(source.extra)}"] if source.extra else []
    return "; ".join(parts)


def _table(
    made: preview.Preview, target: Target, contract: Contract | None, rows: int, show_personal: bool, path: Path
) -> Table:
    personal = {c.name for c in contract.columns if c.personal} if contract and not show_personal else set()
    names = [name for name in made.rows.column_names if made.rows[name].null_count < made.rows.num_rows]
    empty = [name for name in made.rows.column_names if name not in names]
    title = f"{target.table} from {shown(path)}" + (f"; empty: {', '.join(empty)}" if empty else "")
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in names:
        is_number = pc.count(made.rows[name]).as_py() and not isinstance(made.rows[name][0].as_py(), str)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold", max_width=32)
    for row in made.rows.slice(0, rows).to_pylist():
        table.add_row(*(Text(_cell(name, row[name], name in personal)) for name in names))
    return table


def _cell(name: str, value: Any, is_personal: bool) -> str:
    if value is None:
        return ""
    if not is_personal:
        return str(value)
    channel, colon, key = str(value).partition(":") if name == "account_id" else ("", "", str(value))
    return f"{channel}{colon}{key[:1]}***"
