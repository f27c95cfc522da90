"""Objects and lists inside columns: their keys as columns of their own, read by path."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.roles import place_of
from lakehouse.authoring.proposal.sniffing import Sample

BACK = re.compile(  # names of what was given back, which is no list of an order's lines
    r"refund|return|chargeback|credit_note|rueckgabe|retour|erstatt|gutschrift|rembours|avoir|reembols|devol|rimbors|reso_"
    r"|gutgeschr|devuel|estorn|zwroc|credited|credit_(amount|total|value)|revers(ed|al)|charged_back|adjustment"
    r"|terug(gestort|betaal|gave|gekeerd)|rueckzahl|zurueckgez|tilbage_?betal|tilbake_?betal|refusjon|palaut|vracen|vratk"
    r"|povrat|restitu|visszater|rambursat|επιστροφ|退款|退货|返金|返品|환불|반품|возврат|zwrot|iade|aterbetal|refunder"
)
DEPTH = 3
LINE_WORDS = (
    "line_items",
    "lines",
    "items",
    "order_lines",
    "lineitems",
    "products",
    "positions",
    "positionen",
    "articles",
    "basket",
    "cart",
    "rows",
    "details",
    "order_rows",
    "order_items",
    "lineitem",
    "item",
)


def flattened(sample: Sample) -> Sample:
    """The sample with a column `a.b` for each key of an object in column `a`."""
    for _ in range(DEPTH):
        found = {name: objects for name in sample.columns if (objects := _objects(sample.columns[name]))}
        fresh = {n: o for n, o in found.items() if not any(c.startswith(f"{n}.") for c in sample.columns)}
        if not fresh:
            break
        for name, objects in fresh.items():
            sample = _with_keys(sample, name, objects)
    return sample


def _with_keys(sample: Sample, name: str, objects: Sequence[dict[str, Any] | None]) -> Sample:
    column, path = sample.paths.get(name, (name, "$"))
    columns, paths = dict(sample.columns), dict(sample.paths)
    for key in dict.fromkeys(key for value in objects if value for key in value):
        columns[f"{name}.{key}"] = [_text(value.get(key)) if value else None for value in objects]
        plain = key.replace("_", "").isalnum() and key.isascii()
        paths[f"{name}.{key}"] = (column, f"{path}.{key}" if plain else f"{path}['{key}']")
    return replace(sample, names=tuple(columns), columns=columns, paths=paths)


def _objects(values: Sequence[str | None]) -> list[dict[str, Any] | None] | None:
    """Parsed objects of a column; None where it holds something else."""
    filled = [value for value in values if value]
    if not filled or not all(value.lstrip()[:1] == "{" for value in filled[:50]):
        return None
    try:
        parsed = [json.loads(value) if value else None for value in values]
    except ValueError:
        return None
    return parsed if all(value is None or isinstance(value, dict) for value in parsed) else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return (
        json.dumps(value, ensure_ascii=False)
        if isinstance(value, (dict, list))
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def items_of(sample: Sample) -> tuple[str, Sample, list[int]] | None:
    """The column that lists an order's lines, the lines as a sample, and each line's row; None without such a list.

    A list inside an object (`lines.data`), or one that is an object where it has one element, counts where its elements
    speak of goods.
    """
    lists = [name for name in sample.names if _is_reached(sample, name) and _may_be_lines(sample, name)]
    if not lists:
        return None
    column = min(lists, key=lambda name: (not _is_called_lines(name), sample.names.index(name)))
    rows, owners = [], []
    for number, value in enumerate(sample.columns[column]):
        for item in _elements(value):
            rows.append(item)
            owners.append(number)
    keys = dict.fromkeys(key for row in rows for key in row)
    columns: dict[str, list[str | None]] = {key: [_text(row.get(key)) for row in rows] for key in keys}
    taken = {name.lower() for name in sample.names}
    called = next((word for word in ("item", "line", "element") if word not in taken), "listed_item")
    made = Sample(sample.path, sample.format, tuple(keys), columns, item=called)
    return column, flattened(made), owners


def _is_called_lines(name: str) -> bool:
    return any(key in LINE_WORDS for key in name.lower().split("."))


def _is_reached(sample: Sample, name: str) -> bool:
    """Whether `explode` can name the list: a column, or keys of plain letters inside one."""
    return name not in sample.paths or "[" not in sample.paths[name][1]


def _may_be_lines(sample: Sample, name: str) -> bool:
    if BACK.search(plain(name)):
        return False
    found = _listed(sample.columns[name])
    if name not in sample.paths and found and found[1]:
        return True
    keys = dict.fromkeys(key for item in found[0] for key in _inner(item)) if found else ()
    return any(place_of(role, key) is not None for key in keys for role in GOODS)


def _inner(item: dict[str, Any]) -> dict[str, Any]:
    """An element's keys; of one that holds a single object, as `{node: {...}}`, the keys of that."""
    only = next(iter(item.values())) if len(item) == 1 else None
    return only if isinstance(only, dict) else item


GOODS = ("product_id", "quantity", "unit_price")


def _elements(text: str | None) -> list[dict[str, Any]]:
    value = json.loads(text) if text else []
    return [value] if isinstance(value, dict) else list(value)


def _listed(values: Sequence[str | None]) -> tuple[list[dict[str, Any]], bool] | None:
    """Elements of a column of lists, and whether all are lists; None where it holds something else."""
    filled = [value for value in values if value][:50]
    starts = {value.lstrip()[:1] for value in filled}
    if "[" not in starts or starts - {"[", "{"}:
        return None
    try:
        parsed = [item for value in filled for item in _elements(value)]
    except ValueError:
        return None
    return (parsed, starts == {"["}) if parsed and all(isinstance(item, dict) for item in parsed) else None
