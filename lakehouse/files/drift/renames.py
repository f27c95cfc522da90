"""Which new column of a file holds what a lost one used to: by values that are known again, else by their forms."""

from collections.abc import Sequence

from lakehouse.files.drift.likeness import is_like, likeness
from lakehouse.files.drift.profiles import FileProfile
from lakehouse.files.drift.usual import Usual


def renamed(lost: Sequence[str], new: Sequence[str], file: FileProfile, usual: Usual) -> dict[str, str]:
    """Lost column -> its likely new name; the likeliest pairs first, each name once.

    Args:
        lost: columns of the export that the file lacks.
        new: names in the file that the export does not know.
    """
    pairs = sorted(
        (
            (likeness(file.columns[to], usual.columns[name]), name, to)
            for name in lost
            for to in new
            if to in file.columns and name in usual.columns and is_like(file.columns[to], usual.columns[name])
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    chosen: dict[str, str] = {}
    for _, name, to in pairs:
        if name not in chosen and to not in chosen.values():
            chosen[name] = to
    return {name: chosen[name] for name in lost if name in chosen}
