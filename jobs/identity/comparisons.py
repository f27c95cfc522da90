"""The match model's form, as Splink settings: which levels of agreement each field has, and which pairs are compared.

The SQL is what DuckDB and Spark both understand, so that one trained model serves both lanes.
"""

from typing import Any

Level = dict[str, Any]
LOW_FREQUENCY = 1e-5  # a value seen once in a small table is not rarer than this
ELSE: Level = {"sql_condition": "ELSE", "label_for_charts": "differs"}
TERM_FREQUENCIES = ("given", "family", "postcode", "suburb", "street", "street_more", "email", "phone", "national_id")


def settings() -> dict[str, Any]:
    """Splink settings without parameters: comparisons; the pairs are ours, see linkage.candidates."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "account_id",
        "comparisons": comparisons(),
        "blocking_rules_to_generate_predictions": ["1 = 1"],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": ["channel"],
    }


def comparisons() -> list[dict[str, Any]]:
    """All comparisons; the first level is null, the second is equality, the last is everything else."""
    return [
        _comparison("given", *_name("given", "family")),
        _comparison("family", *_name("family", "given")),
        _comparison("birth", *_birth()),
        _comparison("postcode", *_postcode()),
        _comparison("suburb", _null("suburb"), _same("suburb"), _near("suburb", 2), ELSE),
        _comparison("street", *_street("street")),
        _comparison("street_more", *_street("street_more")),
        _comparison("house", _null("house"), _same("house"), _near("house", 1, prefix=False), ELSE),
        _comparison("region", _null("region"), _same("region"), _near("region", 1, prefix=False), ELSE),
        _comparison("email", _null("email"), _same("email"), _near("email", 2, prefix=False), ELSE),
        _comparison("phone", _null("phone"), _same("phone"), _near("phone", 1, prefix=False), ELSE),
        _comparison(key := "national_id", _null(key), _same(key), _near(key, 1, prefix=False), ELSE),
    ]  # fmt: skip


def _comparison(field: str, *levels: Level) -> dict[str, Any]:
    return {"output_column_name": field, "comparison_levels": [dict(level) for level in levels]}


def _level(condition: str, label: str) -> Level:
    return {"sql_condition": condition, "label_for_charts": label}


def _null(field: str, unless: str = "") -> Level:
    missing = f"{field}_l is null or {field}_r is null"
    return {**_level(f"({missing}){unless}", "not known"), "is_null_level": True}


def _same(field: str) -> Level:
    level = _level(f"{field}_l = {field}_r", "same")
    if field in TERM_FREQUENCIES:
        level |= {
            "tf_adjustment_column": field, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": LOW_FREQUENCY,
        }  # fmt: skip
    return level


def _edits(field: str, most: int, longer_than: int = 0) -> str:
    left, right = f"{field}_l", f"{field}_r"
    guard = f"length({left}) > {longer_than} and " if longer_than else ""
    return f"({guard}abs(length({left}) - length({right})) <= {most} and levenshtein({left}, {right}) <= {most})"


def _prefix(field: str) -> str:
    left, right = f"{field}_l", f"{field}_r"
    return (
        f"(length({left}) >= 3 and length({right}) >= 3 and "
        f"(substr({left}, 1, length({right})) = {right} or substr({right}, 1, length({left})) = {left}))"
    )


def _near(field: str, most: int, prefix: bool = True) -> Level:
    begins = f" or {_prefix(field)}" if prefix else ""
    return _level(f"{_edits(field, most)}{begins}", f"{most} edits" + (" or begins alike" if prefix else ""))


def _name(field: str, other: str) -> tuple[Level, ...]:
    # "not known" gives way to "swapped": a channel with one name field may have put the other name into it
    swapped = f"{field}_l = {other}_r or {other}_l = {field}_r"
    unless = f" and not coalesce({field}_l = {other}_r, false) and not coalesce({other}_l = {field}_r, false)"
    return (
        _null(field, unless),
        _same(field),
        _level(swapped, "swapped"),
        _level(_edits(field, 1), "1 edit"),
        _level(f"{_edits(field, 2, 4)} or {_prefix(field)}", "2 edits or begins alike"),
        _level(_edits(field, 3, 6), "3 edits"),
        ELSE,
    )


def _birth() -> tuple[Level, ...]:
    turned = "(birth_year_l = birth_year_r and birth_day_month_l = substr(birth_r, 5, 4))"
    part = "birth_year_l = birth_year_r or birth_day_month_l = birth_day_month_r"
    return (
        _null("birth"),
        _same("birth"),
        _level(f"levenshtein(birth_l, birth_r) <= 1 or {turned}", "1 edit, or day and month turned"),
        _level("levenshtein(birth_l, birth_r) <= 2", "2 edits"),
        _level(part, "same year, or same day and month"),
        ELSE,
    )


def _postcode() -> tuple[Level, ...]:
    turned = "(postcode_digits_l = postcode_digits_r and levenshtein(postcode_l, postcode_r) = 2)"
    return (
        _null("postcode"),
        _same("postcode"),
        _level(f"levenshtein(postcode_l, postcode_r) <= 1 or {turned}", "1 edit, or 2 digits turned"),
        _level("levenshtein(postcode_l, postcode_r) <= 2", "2 edits"),
        ELSE,
    )


def _street(field: str) -> tuple[Level, ...]:
    moved = "street_l = street_more_r or street_r = street_more_l"
    return (_null(field), _same(field), _near(field, 2), _level(moved, "in the other line"),
            _level(_edits(field, 4, 9), "4 edits"), ELSE)  # fmt: skip
