"""Right values of cases, from the table in their folder's EXPECTED.md."""

import re
from dataclasses import dataclass
from pathlib import Path

ROW = re.compile(r"^\| *(?P<case>[\w.-]+) *\|(?P<what>[^|]*)\|(?P<values>[^|]*)\|\s*$")
PAIR = re.compile(r"(?P<name>[a-z_]+)(?P<lies>:?) (?P<value>.+)")


@dataclass(frozen=True)
class Case:
    """One case: its folder of `<day>/<file>`, right values by name, and what they mean in words."""

    name: str
    folder: Path
    values: dict[str, str]
    words: str = ""

    @property
    def files(self) -> list[Path]:
        """All delivered files, day by day."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


def cases(folder: Path) -> list[Case]:
    """The folder's cases, in the order of its table.

    Raises:
        FileNotFoundError: the folder has no EXPECTED.md.
    """
    found = []
    for line in (folder / "EXPECTED.md").read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if row and (folder / row["case"]).is_dir():
            values, words = values_of(row["values"])
            found.append(Case(row["case"], folder / row["case"], values, words))
    return found


def values_of(text: str) -> tuple[dict[str, str], str]:
    """`orders 24; total 1,769.14. Said so.` as ({"orders": "24", "total": "1,769.14"}, "Said so.")."""
    figures, _, words = text.strip().partition(". ")
    values = {}
    for part in figures.split("; "):
        if pair := PAIR.fullmatch(part.strip()):
            values[pair["name"]] = pair["value"].strip().rstrip(".")
    return values, words
