"""A person's answers to what a proposal asks, as edits of its YAML."""

import yaml

from benchmarks.export_cases.expected import Case

ANSWERS: dict[str, dict[str, str]] = {}  # case -> regular expression over the YAML -> replacement
BESIDE = "ANSWERS.yaml"  # of the same form, beside a folder's EXPECTED.md


def answered(case: Case) -> dict[str, str]:
    """The edits that answer the questions of a case, ours and the folder's own; {} where it asks for none."""
    file = case.folder.parent / BESIDE
    told = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else None
    return {**ANSWERS.get(case.name, {}), **(told or {}).get(case.name, {})}
