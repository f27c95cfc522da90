"""Cells that stand on the first of several rows alone, as merged cells do: an order's number above its lines."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from lakehouse.authoring.proposal.roles import place_of
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import judged

FEWEST = 2  # columns that are empty on the same rows, and rows that are so
FULL = 0.95  # share of the rows on which a line's own columns have a value
MONEY = ("total", "gross", "net", "subtotal", "amount", "refunded", "tax", "shipping", "fee", "tip", "discount")


def with_cells_filled(sample: Sample) -> Sample:
    """The sample with the numbers and days of its orders on each line, and `fill_down` in its settings."""
    names = _once_above(sample)
    if not names:
        return sample
    columns = {**sample.columns, **{name: _filled(sample.columns[name]) for name in names}}
    asked = f"{', '.join(names)} stand on the first of several rows: the rows below are taken to be of the same order"
    remarks = (*sample.remarks, f"{asked} (`fill_down`); is that so?")
    return replace(sample, columns=columns, settings={**sample.settings, "fill_down": names}, remarks=remarks)


def _once_above(sample: Sample) -> list[str]:
    """Columns that are empty on the same rows and number an order, beside others that have a value on each row."""
    if sample.paths or sample.words or sample.format in ("json", "json_lines", "parquet"):
        return []
    groups: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for name in sample.names:
        groups[tuple(bool(text and text.strip()) for text in sample.columns[name])].append(name)
    for has, names in groups.items():
        empty = len(has) - sum(has)
        if len(names) < FEWEST or empty < FEWEST or not has[0] or not sum(has) > 1:
            continue
        if _numbers_orders(sample, names) and _has_lines(sample, has, names):
            return [name for name in names if not _is_money(sample, name)]
    return []


def _numbers_orders(sample: Sample, names: Sequence[str]) -> bool:
    """Whether one of them numbers orders, and no column does that on each row."""
    number = [name for name in sample.names if place_of("order_id", name) is not None]
    return any(name in names for name in number) and not any(_is_full(sample, n) for n in number if n not in names)


def _has_lines(sample: Sample, has: Sequence[bool], names: Sequence[str]) -> bool:
    """Whether what was bought, or how many, stands on each row, and neither it nor a day is empty with the numbers."""
    if any(place_of(role, name) is not None for role in LINE for name in names):
        return False  # rows without an order are transfers and fees
    if not any(_is_day(sample, name) for name in names) and any(_is_day(sample, name) for name in sample.names):
        return False
    own = [n for n in sample.names if n not in names and _is_full(sample, n)]
    return sum(any(place_of(role, name) is not None for role in LINE) for name in own) > 0 and not all(has)


LINE = ("product_id", "product_name", "quantity", "unit_price")


def _is_day(sample: Sample, name: str) -> bool:
    return place_of("date", name) is not None and judged(sample.columns[name]).is_date


def _is_full(sample: Sample, name: str) -> bool:
    texts = sample.columns[name]
    return sum(bool(text and text.strip()) for text in texts) >= FULL * len(texts)


def _is_money(sample: Sample, name: str) -> bool:
    """What is added up stands once: filled down it would count on each line."""
    is_number = judged(sample.columns[name]).is_number
    return is_number and any(place_of(role, name) is not None for role in MONEY)


def _filled(texts: Sequence[str | None]) -> list[str | None]:
    made: list[str | None] = []
    for text in texts:
        made.append(text if text and text.strip() else made[-1] if made else None)
    return made
