"""The drop zone: which files lie there, which export each belongs to, and whether it is there in full.

Nothing here opens a file, and no link is followed.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from jobs.landing.settings.landing import Settings
from lakehouse.config.exports import Export
from lakehouse.errors import LakehouseError
from lakehouse.files.refusals import NotTakenError, RefusedError, UnknownError, WaitingError
from lakehouse.files.unpack import member_names


@dataclass(frozen=True)
class Arrival:
    """A file as it lies in the drop zone."""

    file: Path
    path: str  # below the drop zone, unusual characters escaped
    inside: str  # below its dated folder
    delivery_date: date | None
    bytes: int
    modified_ns: int
    fault: NotTakenError | None = None
    member: str = ""  # a file inside an archive
    export: str = ""  # the one export that this is for, where several read sheets of one workbook

    @property
    def name(self) -> str:
        """The file's own name, which patterns are tried on."""
        return self.member.rpartition("/")[2] or self.file.name


def arrivals(drop: Path, run_date: date, settings: Settings) -> list[Arrival]:
    """Every file of the dated folders up to run_date, and what lies beside those folders, in order of path.

    Raises:
        LakehouseError: more files than `max_files`.
    """
    delivered: list[Arrival] = []
    for arrival in _walk(drop, drop, None, run_date, settings, depth=0):
        delivered.append(arrival)
        if len(delivered) > settings.max_files:
            raise LakehouseError(
                f"more than {settings.max_files} files",
                "the drop zone",
                "move old dated folders away, or raise max_files in landing.yaml",
            )
    return sorted(delivered, key=lambda arrival: arrival.path)


def _walk(
    folder: Path, drop: Path, day: date | None, run_date: date, settings: Settings, depth: int
) -> Iterator[Arrival]:
    if not folder.is_dir():
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name)):
        if _any(entry.name, settings.ignored) and not entry.name.startswith(".."):
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        dated = _day(entry.name) if is_folder and depth == 0 else day
        if is_folder and dated is not None and depth <= settings.max_depth:
            if dated <= run_date:
                yield from _walk(Path(entry.path), drop, dated, run_date, settings, depth + 1)
        else:
            yield _arrival(entry, drop, dated)


def _arrival(entry: "os.DirEntry[str]", drop: Path, day: date | None) -> Arrival:
    status = entry.stat(follow_symlinks=False)
    file = Path(entry.path)
    relative = file.relative_to(drop)
    inside = Path(*relative.parts[1:]).as_posix() if day else relative.as_posix()
    return Arrival(
        file,
        shown(relative.as_posix()),
        inside,
        day,
        status.st_size,
        status.st_mtime_ns,
        _fault(entry.name, status.st_mode, day),
    )


def _fault(name: str, mode: int, day: date | None) -> NotTakenError | None:
    if stat.S_ISLNK(mode):
        return RefusedError("a symbolic link; links are never followed", "deliver the file itself")
    if name.startswith("..") or "\\" in name or not name.isprintable():
        return RefusedError("its name tries a path or holds control characters", "deliver it under a plain name")
    if stat.S_ISDIR(mode):
        reason = "a folder that is not named YYYY-MM-DD" if day is None else "a folder too deep inside its delivery"
        return UnknownError(reason, "put files into drop/<YYYY-MM-DD>/")
    if not stat.S_ISREG(mode):
        return RefusedError("not a regular file", "deliver a plain file")
    if day is None:
        return UnknownError("it lies outside a dated folder", "put it into drop/<YYYY-MM-DD>/")
    return None


def shown(path: str) -> str:
    """A path that is safe in a log, a page and a table: what cannot be printed is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in path)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", name) else None
    except ValueError:
        return None


def _any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_marker(arrival: Arrival, exports: Mapping[str, Export]) -> bool:
    """Whether the file only says that another one is complete."""
    return any(
        _any(arrival.file.name, [_marker(export.done_marker, glob) for glob in export.files])
        for export in exports.values()
        if export.done_marker
    )


def _marker(pattern: str, name: str) -> str:
    return pattern.replace("{file}", name).replace("{stem}", name.split(".", 1)[0])


def parts_of(arrival: Arrival, exports: Mapping[str, Export], settings: Settings) -> list[Arrival]:
    """What a delivered file holds: an archive's files by their names, and a workbook once per export that reads it.

    An archive of one file stays one file where an export names the archive itself.
    """
    if arrival.fault or _any(arrival.name, settings.unfinished):
        return [arrival]
    matching = _matching(arrival, exports)
    if len(matching) > 1 and _read_other_sheets(matching):
        return [replace(arrival, export=e.name, path=f"{arrival.path}!{e.sheet}") for e in matching]
    try:
        names = member_names(arrival.file, settings.max_members)
    except NotTakenError as refusal:
        return [replace(arrival, fault=refusal)]
    members = [replace(arrival, member=name, path=f"{arrival.path}/{shown(name)}", inside=name) for name in names]
    is_one = len(names) == 1 and bool(matching)
    return members if not is_one and any(_matching(member, exports) for member in members) else [arrival]


def _read_other_sheets(exports: list[Export]) -> bool:
    sheets = [export.sheet for export in exports]
    return len(set(sheets)) == len(sheets) and all(export.format in ("spreadsheet", "html") for export in exports)


def _matching(arrival: Arrival, exports: Mapping[str, Export]) -> list[Export]:
    return [e for e in exports.values() if _any(arrival.name, e.files) or _any(arrival.inside, e.files)]


def export_of(arrival: Arrival, exports: Mapping[str, Export], settings: Settings) -> Export:
    """The one export that a file belongs to, by its name.

    Raises:
        NotTakenError: the file may not be taken at all, is unfinished by its name, or belongs to none or several.
    """
    if arrival.fault:
        raise arrival.fault
    if _any(arrival.name, settings.unfinished):
        raise WaitingError("its name says that it is still being written", "rename it when it is complete")
    if arrival.export:
        return exports[arrival.export]
    matching = _matching(arrival, exports)
    if not matching:
        raise UnknownError("no export's files match its name", "see 'lakehouse new-export FILE', or correct `files`")
    if len(matching) > 1:
        names = ", ".join(sorted(export.name for export in matching))
        raise RefusedError(f"it matches several exports: {names}", "make their `files` patterns exclude each other")
    return matching[0]


def check_complete(arrival: Arrival, export: Export, settings: Settings, now_ns: int) -> None:
    """A file must be done: its marker there, and nobody writing it.

    Raises:
        WaitingError: it is not.
    """
    if export.done_marker:
        marker = arrival.file.parent / _marker(export.done_marker, arrival.file.name)
        if marker.is_symlink() or not marker.is_file():
            raise WaitingError(f"its done-marker {shown(marker.name)} is not there", "the sender writes it when done")
    status = arrival.file.lstat()
    if (status.st_size, status.st_mtime_ns) != (arrival.bytes, arrival.modified_ns):
        raise WaitingError("it is still growing", "nothing; the next night looks again")
    if is_young(arrival, settings, now_ns):
        raise WaitingError(
            "it was changed just now, or is stamped in the future", "nothing; the next night looks again"
        )


def is_young(arrival: Arrival, settings: Settings, now_ns: int) -> bool:
    """Whether the file's last change is less than `stable_seconds` ago, or lies in the future."""
    return now_ns - arrival.modified_ns < settings.stable_seconds * 1e9
