"""The id of a lake: made once, kept in the lake, the same in every copy of it.

What a lake keeps outside its folder (models in MLflow) carries the id, since several lakes may share one store.
"""

import json
import re
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lakehouse.errors import LakehouseError
from lakehouse.ops import whole_file

FILE = "_lake.json"
FORM = re.compile(r"[0-9a-f]{32}")
_ONE_AT_A_TIME = threading.Lock()  # jobs of one night run side by side; other processes wait for the lake's own lock


def read(root: str) -> str | None:
    """The lake's id, None where it has none yet.

    A lake under a URI has one that follows from the URI: there is no file beside its tables that could be renamed in.

    Raises:
        LakehouseError: the file is there and holds no id.
    """
    if "://" in root:
        return uuid.uuid5(uuid.NAMESPACE_URL, root.rstrip("/")).hex
    path = Path(root) / FILE
    if not path.exists():
        return None
    try:
        known = str(json.loads(path.read_text(encoding="utf-8"))["lake_id"])
    except (OSError, ValueError, TypeError, KeyError):
        known = ""
    if not FORM.fullmatch(known):
        raise LakehouseError(
            "the lake's id cannot be read",
            str(path),
            "take the file from a backup; without it the lake gets another id, and trains its models anew",
        )
    return known


def made(root: str, before: Callable[[str], None] = lambda _: None) -> str:
    """The lake's id, made where it has none.

    Args:
        before: called with a new id before it is kept; when it fails, there is no id, and the next call tries again.

    Raises:
        LakehouseError: see `read`.
    """
    with _ONE_AT_A_TIME:
        if known := read(root):
            return known
        new = uuid.uuid4().hex
        before(new)
        content = {"lake_id": new, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
        whole_file.write(Path(root, FILE), json.dumps(content))
        return new
