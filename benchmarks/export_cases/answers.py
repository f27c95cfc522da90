"""A person's answers to what a proposal asks, as edits of its YAML."""

ANSWERS: dict[str, dict[str, str]] = {}  # case -> regular expression over the YAML -> replacement


def answered(case: str) -> dict[str, str]:
    """The edits that answer the case's questions; {} where it asks nothing that needs one."""
    return ANSWERS.get(case, {})
