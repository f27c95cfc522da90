"""Which accounts are compared with others."""

import difflib
from collections.abc import Sequence

from jobs.identity.grouping import cannot_link
from jobs.identity.settings.identity import Settings
from lakehouse.errors import ConfigError


def check_fields(conf: Settings, columns: Sequence[str]) -> None:
    """Keys, cannot-link rules and limits name fields that a cleaned record has.

    Raises:
        ConfigError: one does not, with the nearest that there is.
    """
    named = {*conf.evidence.keys, *conf.guards.most_accounts_of_a_value, *cannot_link.fields(conf.evidence)}
    for field in sorted(named - set(columns)):
        near = difflib.get_close_matches(field, columns, n=1, cutoff=0.0)
        raise ConfigError(
            f"a record has no field '{field}'",
            "conf/identity.yaml, evidence or guards",
            f"did you mean '{near[0]}'?" if near else "",
        )


def organisations_apart(table: str, columns: Sequence[str]) -> str:
    """SQL: an account that names a company and no person is compared with nobody: its record_hash is NULL."""
    is_person = "company IS NULL OR given IS NOT NULL OR family IS NOT NULL"
    kept = ", ".join(name for name in columns if name != "record_hash")
    return f"SELECT {kept}, CASE WHEN {is_person} THEN record_hash END AS record_hash FROM {table}"
