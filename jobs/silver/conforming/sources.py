"""Targets of exports that fill a silver table."""

from dataclasses import dataclass

from lakehouse.config.exports import Export, Target


@dataclass(frozen=True)
class Source:
    """One target of one export, for one silver table."""

    export: Export
    target: Target
    number: int  # position among the export's targets, to name the place of a fault

    @property
    def where(self) -> str:
        """The place in conf, for messages."""
        return f"exports/{self.export.name}.yaml, target {self.number + 1} ({self.target.table})"


def sources(exports: dict[str, Export], table: str) -> list[Source]:
    """All targets of all exports that name the table."""
    return [
        Source(export, target, number)
        for _, export in sorted(exports.items())
        for number, target in enumerate(export.targets)
        if target.table == table
    ]
