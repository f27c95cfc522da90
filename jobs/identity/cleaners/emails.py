"""E-mail addresses in the form that their provider delivers by: case, dots and tags that lead to the same box."""

import re

from jobs.identity.cleaners import letters
from jobs.identity.cleaners.cleaning_settings import Rules

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")


def email(text: str, rules: Rules) -> str | None:
    """The comparable form of an address; None when it is none.

    ann.smith+shop@googlemail.com is annsmith@gmail.com: what follows a plus is a tag, Gmail ignores dots.
    """
    whole = letters.plain(text).strip().removeprefix("mailto:").strip("<>. ")
    if ADDRESS.fullmatch(whole) is None:
        return None
    local, _, domain = whole.partition("@")
    local = local.partition("+")[0] or local
    known = rules.email_domains.get(domain)
    if known is None:
        return f"{local}@{domain}"
    return f"{local.translate(known[1]) or local}@{known[0]}"


def local_name(address: str) -> str | None:
    """The letters of the local part, which often is a name; None when there are fewer than three."""
    name = letters.letters(address.partition("@")[0])
    return name if len(name) >= 3 else None
