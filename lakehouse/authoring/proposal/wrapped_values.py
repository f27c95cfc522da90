"""What programs put around values so that a spreadsheet leaves them alone: `value, ="value", a tab behind."""

import re
from collections.abc import Sequence
from dataclasses import replace

from lakehouse.authoring.proposal.sniffing import Sample

GRAVE, FORMULA, TABS = "^`", '^="|"$', "^[ \\t]+|[ \\t]+$"
LOOKED_AT = 400


def unwrapped(sample: Sample) -> Sample:
    """The sample with bare values, and by column the regular expression of what is taken off."""
    found = {name: pattern for name, texts in sample.columns.items() if (pattern := _around(texts))}
    if not found or sample.words:
        return sample
    columns = {
        name: [text if text is None else re.sub(found[name], "", text) for text in texts] if name in found else texts
        for name, texts in sample.columns.items()
    }
    return replace(sample, columns=columns, around=found)


def _around(texts: Sequence[str | None]) -> str:
    filled = [text for text in texts if text][:LOOKED_AT]
    graves = sum(text.startswith("`") for text in filled)
    parts = [GRAVE] if graves > 0.9 * len(filled) > 0 else []
    parts += [FORMULA] if any(re.fullmatch('="[^"]*"', text) for text in filled) else []
    parts += [TABS] if any(text != text.strip("\t") for text in filled) else []
    return "|".join(parts)
