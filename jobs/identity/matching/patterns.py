"""Compare pairs in one query: one code for the pattern of agreement, one number for the rarity of what agrees.

The conditions are those of the model's Splink settings, so the weights are Splink's own (a test compares them); the
difference is that nothing but a code and a sum leaves the query, and that a pattern is scored once, not each pair.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jobs.identity.matching.engines import Engine, Table
from jobs.identity.matching.training import Cohort, Floats, Integers

EDITS = re.compile(r"levenshtein\((\w+), (\w+)\)")
MOST_EDITS = 4  # no level asks for more


@dataclass(frozen=True)
class ComparisonSpec:
    """The comparisons of a model, and the digits of a pattern's code."""

    comparisons: Sequence[dict[str, Any]]
    cohorts: Sequence[Cohort] = ()

    @cached_property
    def names(self) -> list[str]:
        """The comparisons' names."""
        return [c["output_column_name"] for c in self.comparisons]

    @cached_property
    def levels(self) -> list[int]:
        """Levels of each comparison, "not known" aside."""
        return [sum(not level.get("is_null_level") for level in c["comparison_levels"]) for c in self.comparisons]

    @cached_property
    def radices(self) -> list[int]:
        """The place value of each comparison in the code."""
        places = np.cumprod([1, *[k + 1 for k in self.levels]], dtype=object).tolist()
        if places[-1] >= 2**62:
            raise ValueError("too many comparisons for one code")
        firsts: list[int] = places[:-1]
        return firsts

    @cached_property
    def by_frequency(self) -> list[int]:
        """Comparisons whose equality counts by the value's frequency."""
        return [
            i
            for i, c in enumerate(self.comparisons)
            if any("tf_adjustment_column" in x for x in c["comparison_levels"])
        ]

    def gammas(self, codes: Integers) -> Integers:
        """One row per code, one column per comparison: -1 not known, 0 differs, the highest is equality."""
        digits = [codes // place % (k + 1) - 1 for place, k in zip(self.radices, self.levels, strict=True)]
        return np.stack(digits, axis=1) if digits else np.zeros((len(codes), 0), np.int64)


def compare(
    engine: Engine,
    spec: ComparisonSpec,
    records: Table,
    pairs: Table,
    columns: Sequence[str],
    cosines: Mapping[str, Table],
) -> Table:
    """Each pair with the pattern of its levels and how rare its agreement is.

    Args:
        records: rid, source, the columns, and rare_<field> of fields whose agreement counts by frequency.
        pairs: rid_l, rid_r, rule.
        columns: of `records` that the conditions speak of.
        cosines: field -> rid_l, rid_r, cosine of the words that two texts share.

    Returns:
        rid_l, rid_r, rule, source_l, source_r, pattern, rarity (bits; of values that agree), and rarity_<n> of each
        cohort's columns.
    """
    sides = [f"{side}.{name} AS {name}_{end}" for name in columns for side, end in (("a", "l"), ("b", "r"))]
    rare = [spec.names[i] for i in spec.by_frequency]
    sides += [f"a.rare_{name}" for name in rare]
    joins, texts = "", []
    for name, cosine in cosines.items():
        joins += f" LEFT JOIN {cosine} c_{name} ON p.rid_l = c_{name}.rid_l AND p.rid_r = c_{name}.rid_r"
        texts.append(f"coalesce(c_{name}.cosine, 0) AS cos_{name}")
    met = (
        f"SELECT p.rid_l, p.rid_r, p.rule, a.source AS source_l, b.source AS source_r, {', '.join([*sides, *texts])} "
        f"FROM {pairs} p JOIN {records} a ON p.rid_l = a.rid JOIN {records} b ON p.rid_r = b.rid{joins}"
    )
    measured, agreed = _measured_once([f"{_gamma(c)} AS g{i}" for i, c in enumerate(spec.comparisons)])
    code = " + ".join(f"CAST(g{i} AS BIGINT) * {place}" for i, place in enumerate(spec.radices))
    agreeing = {i: f"CASE WHEN g{i} = {spec.levels[i]} THEN rare_{spec.names[i]} ELSE 0 END" for i in spec.by_frequency}
    sums = {"rarity": list(agreeing.values())}
    for number, cohort in enumerate(spec.cohorts):
        sums[f"rarity_{number}"] = [text for i, text in agreeing.items() if i in cohort.columns]
    rarities = ", ".join(f"CAST({' + '.join(texts) or '0'} AS DOUBLE) AS {name}" for name, texts in sums.items())
    kept = "".join(f", rare_{name}" for name in rare)
    return engine.table(
        "compared",
        f"SELECT rid_l, rid_r, rule, source_l, source_r, {code} AS pattern, "
        f"{rarities} FROM (SELECT rid_l, rid_r, rule, source_l, source_r, "
        f"{', '.join(agreed)}{kept} FROM (SELECT *{measured} FROM ({met}) m) n) c",
    )


def _measured_once(conditions: list[str]) -> tuple[str, list[str]]:
    """Each distance is computed once per pair, whatever the number of levels that ask for it.

    It is not computed at all where the values are equal or their lengths too far apart for any level.
    """
    calls = sorted({call for text in conditions for call in EDITS.findall(text)})
    measured = ""
    for number, (one, other) in enumerate(calls):
        conditions = [text.replace(f"levenshtein({one}, {other})", f"d{number}") for text in conditions]
        measured += (
            f", CASE WHEN {one} = {other} THEN 0 WHEN abs(length({one}) - length({other})) > {MOST_EDITS} "
            f"THEN 99 ELSE levenshtein({one}, {other}) END AS d{number}"
        )
    return measured, conditions


def _gamma(comparison: dict[str, Any]) -> str:
    """0 not known, 1 differs, ... equality, the first condition that holds."""
    levels = comparison["comparison_levels"]
    top = sum(not level.get("is_null_level") for level in levels)
    whens: list[str] = []
    value = top
    for level in levels:
        number = 0 if level.get("is_null_level") else value
        value -= 0 if level.get("is_null_level") else 1
        if level["sql_condition"] == "ELSE":
            return f"CASE {' '.join(whens)} ELSE {number} END"
        whens.append(f"WHEN {level['sql_condition']} THEN {number}")
    return f"CASE {' '.join(whens)} ELSE 0 END"


def bits_of(spec: ComparisonSpec, codes: Integers) -> Floats:
    """Match weight of each pattern without its prior and with the rarity still to be taken off, in bits.

    A pair's weight is this, less its rarity (log2 of the frequencies of what agrees), and the prior.
    """
    return _summed(spec, codes, [level_bits(comparison) for comparison in spec.comparisons])


def _summed(spec: ComparisonSpec, codes: Integers, bits_by_level: Sequence[Floats]) -> Floats:
    gammas = spec.gammas(codes)
    bits = np.zeros(len(codes))
    for column, by_level in enumerate(bits_by_level):
        bits += np.append(by_level, 0.0)[gammas[:, column]]  # -1 takes the appended 0
    return bits


def level_bits(comparison: dict[str, Any]) -> Floats:
    """log2(m/u) per level, "differs" first; log2(m) where equality counts by the value's frequency."""
    known = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    bits = [math.log2(x["m_probability"] / (1.0 if "tf_adjustment_column" in x else x["u_probability"])) for x in known]
    return np.array(bits[::-1])


def cohort_bits_of(spec: ComparisonSpec, codes: Integers, cohort: dict[str, Any]) -> Floats:
    """The odds that a pair of each pattern are such neighbours, no random pair, in bits; rarity to be taken off.

    Args:
        cohort: prior_bits and, per field, bits by level, of the model.
    """
    by_level = [
        np.array(cohort["bits"].get(name, [0.0] * count)) for name, count in zip(spec.names, spec.levels, strict=True)
    ]
    bits: Floats = _summed(spec, codes, by_level) + cohort["prior_bits"]
    return bits
