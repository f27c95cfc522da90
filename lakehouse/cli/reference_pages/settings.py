"""The page of settings: each subject of conf/ as it is shipped, with the ranges of its JSON Schema where it has one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lakehouse.cli.reference_pages import markdown
from lakehouse.config.layers import FOLDERS

SHOWN_LINES = 120
RANGES = {
    "minimum": "from",
    "exclusiveMinimum": "above",
    "maximum": "to",
    "exclusiveMaximum": "below",
    "pattern": "like",
}
INTRO = (
    "A layer of yours (`--conf DIR`) holds a file of the same name with the keys that differ; "
    "`lakehouse check` refuses what no job knows."
)


def pages(conf: Path) -> dict[str, str]:
    """File name -> Markdown.

    Args:
        conf: the packaged configuration's folder.
    """
    parts = {path.stem: _subject(path) for path in conf.glob("*.yaml")}
    parts |= {name: f"## {name}/\n\nA file each, called as it is named.\n\n{_ranges(conf / name)}" for name in FOLDERS}
    return {"settings.md": markdown.page("Settings", INTRO, *(parts[name] for name in sorted(parts)))}


def _subject(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    shown = "\n".join(lines[:SHOWN_LINES])
    more = f"\n{len(lines) - SHOWN_LINES} more lines are in `conf/{path.name}`.\n" if len(lines) > SHOWN_LINES else ""
    return f"## {path.stem}\n\n{markdown.fence(shown, 'yaml')}{more}\n{_ranges(path)}"


def _ranges(path: Path) -> str:
    schema = path.parent / "schema" / f"{path.stem}.schema.json"
    if not schema.is_file():
        return ""
    document = json.loads(schema.read_text(encoding="utf-8"))
    rows = [(f"`{key}`", _kind(form), _range(form), form.get("description", "")) for key, form in keys(document)]
    return markdown.table(("key", "type", "range", "meaning"), rows)


def keys(schema: dict[str, Any], prefix: str = "", form: dict[str, Any] | None = None) -> Iterator[tuple[str, Any]]:
    """Each key of a JSON Schema with what it may be, nested ones as `outer.inner`."""
    for name, value in (form or schema).get("properties", {}).items():
        inner = _resolved(schema, value)
        yield f"{prefix}{name}", inner
        yield from keys(schema, f"{prefix}{name}.", inner) if "properties" in inner else ()


def _resolved(schema: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    reference = form.get("$ref", "").rsplit("/", 1)[-1]
    return {**schema.get("$defs", {}).get(reference, {}), **form} if reference else form


def _kind(form: dict[str, Any]) -> str:
    return " or ".join(map(str, form["enum"])) if "enum" in form else str(form.get("type", ""))


def _range(form: dict[str, Any]) -> str:
    return ", ".join(f"{word} {form[key]}" for key, word in RANGES.items() if key in form)
