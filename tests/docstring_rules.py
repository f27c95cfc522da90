"""Docstrings against signatures, by pydoclint: `python -m tests.docstring_rules`.

A docstring here gives what the signature cannot: it may leave out an argument, a result or an error that a callee
raises. What it does say must be true: a name that is no argument, a result where nothing is returned, an error that the
function raises and does not name are refused.
"""

import re
import subprocess
import sys
from pathlib import Path

LEFT_OUT = {
    "DOC101": "fewer arguments than the signature: only those are described that need it",
    "DOC201": "no section of what is returned: the summary line says it",
    "DOC402": "no section of what is yielded: the summary line says it",
    "DOC502": "an error that a callee raises is named, since callers meet it",
    "DOC503": "an error is named by the class that callers catch, not by each of its subclasses",
    "DOC601": "attributes of classes are described where they need it",
    "DOC603": "attributes of classes are described where they need it",
}
MISNAMED = re.compile(r"DOC103.*in the docstring but not in the function signature: \[.*\S.*?\]")


def broken(output: str) -> list[str]:
    """The lines of pydoclint's output that break a rule of this house, each with its file."""
    lines, file = [], ""
    for text in output.splitlines():
        if not text.startswith(" "):
            file = text
        elif (rule := re.search(r"DOC\d+", text)) and is_broken(rule.group(), text):
            lines.append(f"{file}:{text.strip()}")
    return lines


def is_broken(rule: str, text: str) -> bool:
    """Whether a finding counts: not those left out, and of DOC103 only names that are no argument."""
    return bool(MISNAMED.search(text)) if rule == "DOC103" else rule not in LEFT_OUT


def main() -> int:
    """Print what is wrong; 1 when something is."""
    program = Path(sys.executable).with_name("pydoclint")
    done = subprocess.run([program, "-q", "lakehouse", "jobs"], capture_output=True, text=True, check=False)
    lines = broken(done.stdout + done.stderr)
    print("\n".join(lines) or "docstrings agree with their signatures")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
