"""The way back from a value as text: a tree of tables with their rows, down to lines of files."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from lakehouse.authoring.tracing.commits import Publish
from lakehouse.authoring.tracing.explain import Explanation, maker
from lakehouse.authoring.tracing.source_lines import Lines
from lakehouse.authoring.tracing.walk import Step

BRANCH, LAST, ALONG, BLANK = "├─ ", "└─ ", "│  ", "   "
RULES = (
    "match_rule",
    "match_probability",
    "model",
    "model_version",
    "rule_id",
    "rule_version",
    "quality_flags",
    "reason",
)
WIDEST = 60  # characters of a value


@dataclass(frozen=True)
class Style:
    """How much is shown.

    Args:
        most: rows of a table and lines of a file that are shown.
        show_values: personal values, too.
    """

    most: int = 5
    show_values: bool = False


def lines(told: Explanation, style: Style) -> Iterator[str]:
    """The whole explanation."""
    first = told.first
    personal = told.column in first.contract.personal
    for value in first.rows[told.column].to_pylist()[: style.most] if first.rows else ():
        yield f"{first.table}.{told.column} = {_value(value, personal, style)}"
    yield f"  of {', '.join(f'{name} = {value}' for name, value in told.key)}" + _of_several(first.row_count)
    yield f"  {_published(first.publish, first.version)}"
    yield f"  made by {told.maker}" if told.maker else "  made by no job of ours"
    yield f"  {_since(told)}"
    if told.checked:
        good = told.checked - len(told.failed)
        failed = f"; failed: {', '.join(told.failed)}" if told.failed else ""
        yield f"  {good} of {told.checked} expectations held on it{failed}"
    yield from _rules(first, style)
    yield from _below(first, "", style)


def _of_several(count: int) -> str:
    return f" ({count:,} rows have this key)" if count > 1 else ""


def _published(publish: Publish, version: int) -> str:
    by = f", run {publish.run_id}" if publish.run_id else ""
    night = f" by the night of {publish.run_date}{by}" if publish.run_date else ""
    contract = f", contract {publish.contract_version}" if publish.contract_version else ""
    return f"version {version}, published{night}{contract}" if night else f"version {version}"


def _since(told: Explanation) -> str:
    since = told.held_since
    night = f", the night of {since.run_date}" if since.run_date else ""
    return f"the value is what it is since version {since.version}{night}" + (" or longer" if told.is_older else "")


def _below(step: Step, margin: str, style: Style) -> Iterator[str]:
    parts: list[Step | Lines] = [*step.steps, *step.lines]
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        head, inner = margin + (LAST if is_last else BRANCH), margin + (BLANK if is_last else ALONG)
        body = _of_lines(part, style) if isinstance(part, Lines) else _of_step(part, style)
        for number, line in enumerate(body):
            yield (inner if number else head) + line
        if isinstance(part, Step) and not part.is_again:
            yield from _below(part, inner, style)


def _of_step(step: Step, style: Style) -> Iterator[str]:
    name = f"{step.table} ({', '.join(step.columns)})"
    if step.is_again:
        yield f"{name}: as above"
        return
    if step.rows is not None and not step.row_count:
        yield f"{name}: no row belongs to it"
        return
    if step.rows is None:
        yield f"{name}: all {step.row_count:,} rows of version {step.version}; no key leads to some of them"
    else:
        by = " and ".join(dict.fromkeys(other for _, other in step.pairs))
        through = f", through {' and '.join(step.through)}" if step.through else ""
        yield f"{name}: {step.row_count:,} row{'' if step.row_count == 1 else 's'} of the same {by}{through}"
    yield f"  {_published(step.publish, step.version)}{f'; {made}' if (made := maker(step.table)) else ''}"
    yield from _rules(step, style)
    yield from _rows(step, style)


def _rows(step: Step, style: Style) -> Iterator[str]:
    if step.rows is None:
        return
    key = [name for name in step.contract.key if name not in step.columns]
    known = [name for name in (*key, *step.columns) if name in step.rows.column_names]
    names = [name for name in known if name in key or step.rows[name].null_count < step.rows.num_rows]
    hidden = frozenset(step.contract.personal)
    yield from _table(step.rows.select(names), hidden, style, "rows")


def _table(rows: pa.Table, hidden: frozenset[str], style: Style, what: str) -> Iterator[str]:
    for row in rows.slice(0, style.most).to_pylist():
        yield "  " + ", ".join(f"{name} {_value(value, name in hidden, style)}" for name, value in row.items())
    if rows.num_rows > style.most:
        yield f"  ... {rows.num_rows - style.most:,} more {what}"


def _rules(step: Step, style: Style) -> Iterator[str]:
    """What the rows themselves say of rules and models."""
    if step.rows is None:
        return
    for name in RULES:
        if name in step.rows.column_names and name not in step.columns and name not in step.contract.personal:
            values = sorted({_plain(value) for value in step.rows[name].to_pylist() if value not in (None, [])})
            if values:
                more = f" and {len(values) - style.most} more" if len(values) > style.most else ""
                yield f"  {name}: {', '.join(values[: style.most])}{more}"


def _of_lines(part: Lines, style: Style) -> Iterator[str]:
    count = part.lines.num_rows
    whole = "" if part.is_whole else ", the first of each group (its expressions need Spark)"
    yield f"export {part.export}: {count:,} line{'' if count == 1 else 's'}{whole}"
    for one in part.mapped:
        yield f"  {one.column}: {' '.join(one.expression.split())} ({one.where})"
    files = list(part.by_file.items())
    for file, numbers in files[: style.most]:
        shown = ", ".join(map(str, numbers[: style.most]))
        more = f" and {len(numbers) - style.most:,} more" if len(numbers) > style.most else ""
        yield f"  {file}, line{'' if len(numbers) == 1 else 's'} {shown}{more}"
    if len(files) > style.most:
        yield f"  ... {len(files) - style.most:,} more files"
    named = list(dict.fromkeys(name for one in part.mapped for name in one.of if name in part.lines.column_names))
    if named and count:
        ordered = part.lines.sort_by([("_source_file", "ascending"), ("_source_line", "ascending")])
        yield from _table(
            ordered.select(["_source_line", *named]).rename_columns(["line", *named]), part.personal, style, "lines"
        )


def _value(value: Any, is_personal: bool, style: Style) -> str:
    if is_personal and not style.show_values and value is not None:
        return "(personal)"
    return _plain(value)


def _plain(value: Any) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}..."
