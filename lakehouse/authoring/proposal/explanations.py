"""A row below the header that explains its columns in words: no row of the table."""

from collections.abc import Sequence
from dataclasses import replace

from lakehouse.authoring.proposal.expressions_of import Reader, quoted
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import judged

FEWEST = 2  # columns of numbers or days in which the row has words
LOOKED_AT = 200
LONGEST = 200  # characters of a text that a rule compares


def without_explanations(sample: Sample) -> Sample:
    """The sample without such a row, and with a rule that leaves it out of every target."""
    name = _explaining(sample)
    if not name:
        return sample
    words = (sample.columns[name][0] or "").strip()
    columns = {column: texts[1:] for column, texts in sample.columns.items()}
    remark = f"the row below the header explains the columns ({name}: {words[:60]}): it is left out; is that so?"
    return replace(sample, columns=columns, explained=(name, words), remarks=(*sample.remarks, remark))


def _explaining(sample: Sample) -> str:
    """The first column in which the first row has words of its own, where it has them in numbers and days, too."""
    if not sample.header or sample.row_count <= FEWEST or sample.paths:
        return ""
    first = {name: (texts[0] or "").strip() for name, texts in sample.columns.items()}
    strange = [name for name in sample.names if first[name] and _is_strange(first[name], sample.columns[name][1:])]
    words = [name for name in sample.names if first[name] and not any(map(str.isdigit, first[name]))]
    if len(strange) < FEWEST or len(words) < 0.9 * sum(map(bool, first.values())):
        return ""
    return next(
        (name for name in words if first[name] not in sample.columns[name][1:] and len(first[name]) <= LONGEST), ""
    )


def _is_strange(text: str, below: Sequence[str | None]) -> bool:
    """Whether all below are numbers or days, and this is none."""
    values = judged(below[:LOOKED_AT])
    is_told = values.is_number or values.is_date
    with_it = judged([text, *(value for value in below[:20] if value and value.strip())][:2])
    return is_told and with_it.kind == "text" and not any(map(str.isdigit, text))


def rule_of(sample: Sample, read: Reader) -> dict[str, str]:
    """Discard rule for the row; {} where there is none."""
    if not sample.explained:
        return {}
    name, words = sample.explained
    return {"explains_columns": f"coalesce(trim({read.column(name)}) = {quoted(words)}, false)"}
