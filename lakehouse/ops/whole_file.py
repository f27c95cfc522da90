"""A small file of the lake, written in one step and to the disk: nobody reads half of it, and no crash leaves half."""

import os
from pathlib import Path

from lakehouse.storage.places import is_remote


def write(path: Path, text: str) -> None:
    """Write the text under the path, whose folder is made where it is not there."""
    if is_remote(str(path)):
        path.write_text(text, encoding="utf-8")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.new")
    with half.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
