"""What a check found: where, what, the remedy, and whether a night may start with it."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lakehouse.errors import ConfigError, ConfigFileError


@dataclass(frozen=True)
class Finding:
    """One fault; `is_warning` where a night runs all the same."""

    where: str
    what: str
    remedy: str = ""
    is_warning: bool = False

    def line(self) -> str:
        """One paragraph: where, what, remedy."""
        return ConfigError(self.what, self.where, self.remedy).paragraph()


@dataclass
class Findings:
    """Findings in the order they were made; what several checks find alike is there once."""

    items: list[Finding] = field(default_factory=list)

    def error(self, where: str, what: str, remedy: str = "") -> None:
        """A fault that stops a night."""
        self._add(Finding(where, what, remedy))

    def warning(self, where: str, what: str, remedy: str = "") -> None:
        """An oddity that a person should look at."""
        self._add(Finding(where, what, remedy, is_warning=True))

    def _add(self, finding: Finding) -> None:
        if finding not in self.items:
            self.items.append(finding)

    @contextmanager
    def caught(self, where: str = "") -> Iterator[None]:
        """Turn the ConfigError or ConfigFileError of the block into findings."""
        try:
            yield
        except ConfigFileError as several:
            for error in several.errors:
                self.error(error.where or where, error.what, error.remedy)
        except ConfigError as error:
            self.error(error.where or where, error.what, error.remedy)

    @property
    def errors(self) -> list[Finding]:
        """Those that stop a night."""
        return [item for item in self.items if not item.is_warning]


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest of the known words."""
    among = list(known)
    near = difflib.get_close_matches(word, among, n=1, cutoff=0.0)
    return f"did you mean '{near[0]}'?" if near else ""
