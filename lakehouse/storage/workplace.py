"""Where files of a lake are made and read by programs that know files alone: on this machine, then in the lake.

A lake on this machine is its own workplace. For one in an object store files are made in a folder for the moment and
put there whole, under names that say their content; what is needed of earlier ones is brought.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lakehouse.storage.objects import Objects
from lakehouse.storage.places import is_remote


@dataclass
class Workplace:
    """A folder that stands for a lake's root.

    Args:
        root: the lake's, a folder or a URI.
        folder: the lake's own, or the one for the moment.
    """

    root: str
    folder: Path
    brought: set[Path] = field(default_factory=set)

    def bring(self, name: str) -> Path:
        """The path of a file of the lake here; it may be that there is none."""
        path = self.folder / name
        if is_remote(self.root) and not path.exists() and (seen := Objects(self.root).read(name)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(seen.content)
            self.brought.add(path)
        return path

    def keep(self) -> None:
        """Put what was made here into the lake."""
        if not is_remote(self.root):
            return
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path not in self.brought:
                Objects(self.root).copy_in(path.relative_to(self.folder).as_posix(), path)
                self.brought.add(path)


@contextmanager
def of(root: str) -> Iterator[Workplace]:
    """The workplace of a lake."""
    if not is_remote(root):
        yield Workplace(root, Path(root))
        return
    with tempfile.TemporaryDirectory(prefix="lakehouse-") as folder:
        yield Workplace(root, Path(folder))
