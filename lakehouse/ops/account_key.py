"""The key of hashed account keys belongs to a lake: lost or changed, every hashed account would come a second time.

The lake keeps a keyed hash of a constant, which tells a right key from a wrong one and gives nothing of it away.
"""

import hashlib
import hmac
import json
from pathlib import Path

from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.ops import whole_file
from lakehouse.storage.paths import below

FILE = "_account_key.json"
CONSTANT = b"customer-lakehouse account key"


def check(conf: Conf, root: str) -> str:
    """Refuse a key that is not the lake's; make and record the key of a new lake.

    Args:
        root: the lake's folder or URI.

    Returns:
        What a person should know: that a key was made; else "".

    Raises:
        ConfigError: the lake's key is gone, or the profile names another one.
    """
    is_there = is_the_lakes(conf, root)
    mark = fingerprint(conf.secret(conf.profile.account_secret))
    if not _known(root):
        whole_file.write(below(root, FILE), json.dumps({"fingerprint": mark}))
    place = key_file(conf)
    return "" if is_there else f"the account key was made: keep a copy of {place} in a safe place, apart from the lake"


def is_the_lakes(conf: Conf, root: str) -> bool:
    """Whether there is a key, and nothing says that it is not this lake's; False where a night would make one.

    Raises:
        ConfigError: the lake's key is gone, or the profile names another one.
    """
    known, path = _known(root), key_file(conf)
    if path is not None and not path.exists():
        if known or (_hashes(conf) and any(below(root).glob("*/*/_delta_log"))):
            raise ConfigError(
                "the account key is gone: a new one would make every hashed account a second customer",
                str(path),
                "put the key's file back from its copy; the lake knows it when it comes",
            )
        return False
    if known and known != fingerprint(conf.secret(conf.profile.account_secret)):
        raise ConfigError(
            "this is not the account key that the lake's hashed accounts were made with",
            conf.profile.account_secret if path is None else str(path),
            "put back the lake's own key, or name it as account_secret in the profile",
        )
    return True


def _hashes(conf: Conf) -> bool:
    """Whether an export has account keys that are personal: a lake of its lines was made with a key."""
    exports = conf.exports().values()
    accounts = [account for e in exports for account in (e.account, *(target.account for target in e.targets))]
    return any(account.personal for account in accounts if account)


def key_file(conf: Conf) -> Path | None:
    """Where the profile has the key; None for one that comes from the environment."""
    kind, _, name = conf.profile.account_secret.partition(":")
    return Path(conf.profile.path(name)) if kind == "file" else None


def fingerprint(key: str) -> str:
    """What tells this key from others: HMAC-SHA-256 (RFC 2104) of a constant, 32 hexadecimal digits."""
    return hmac.new(key.encode(), CONSTANT, hashlib.sha256).hexdigest()[:32]


def _known(root: str) -> str:
    path = below(root, FILE)
    if not path.exists():
        return ""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["fingerprint"])
    except (ValueError, TypeError, KeyError):
        raise ConfigError(
            "the record of the lake's account key cannot be read", str(path), "remove the file if the key is the lake's"
        ) from None
