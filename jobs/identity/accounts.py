"""Which accounts are compared with others."""

import difflib
from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import ConfigError
from jobs.identity import vetoes
from jobs.identity.settings import Settings


def check_fields(conf: Settings, columns: Sequence[str]) -> None:
    """Keys, vetoes and limits name fields that a cleaned record has.

    Raises:
        ConfigError: one does not, with the nearest that there is.
    """
    named = {*conf.evidence.keys, *conf.guards.most_accounts_of_a_value, *vetoes.fields(conf.evidence)}
    for field in sorted(named - set(columns)):
        near = difflib.get_close_matches(field, columns, n=1, cutoff=0.0)
        raise ConfigError(f"a record has no field '{field}'", "conf/identity.yaml, evidence or guards",
                          f"did you mean '{near[0]}'?" if near else "")  # fmt: skip


def organisations_apart(cleaned: DataFrame) -> DataFrame:
    """An account that names a company and no person is compared with nobody: its record_hash is NULL."""
    is_person = F.col("company").isNull() | F.col("given").isNotNull() | F.col("family").isNotNull()
    return cleaned.withColumn("record_hash", F.when(is_person, F.col("record_hash")))
