"""A model's files are those that a training of this lake wrote: hashes under a signature whose key is not in MLflow."""

import hashlib
import hmac
import json
from pathlib import Path

from lakehouse.errors import LakehouseError

MANIFEST = "manifest.json"


def sign(folder: Path, secret: str, whose: str) -> None:
    """Write the manifest of a folder's files.

    Args:
        whose: the model and its lake, so that a signed folder of another one is no use here.
    """
    files = hashes(folder)
    content = {"of": whose, "files": files, "signature": _signature(secret, whose, files)}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")


def verify(folder: Path, secret: str, whose: str) -> None:
    """Refuse a folder that is not as it was signed.

    Raises:
        LakehouseError: a file was altered, added or taken away, or the signature is not ours.
    """
    where, remedy = f"the model's files ({whose})", "promote another version (lakehouse rollback), or train anew"
    try:
        kept = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files, signature, signed_of = dict(kept["files"]), str(kept["signature"]), str(kept["of"])
    except (OSError, ValueError, KeyError, TypeError):
        raise LakehouseError("they have no manifest that can be read", where, remedy) from None
    if signed_of != whose or not hmac.compare_digest(signature, _signature(secret, whose, files)):
        raise LakehouseError("their signature is not this lake's", where, remedy)
    present = hashes(folder)
    altered = sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name))
    if altered:
        raise LakehouseError(f"altered since they were signed: {', '.join(altered)}", where, remedy)


def hashes(folder: Path) -> dict[str, str]:
    """sha-256 of each file but the manifest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def _signature(secret: str, whose: str, files: dict[str, str]) -> str:
    content = json.dumps([whose, files], sort_keys=True).encode()
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
