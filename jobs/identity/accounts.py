"""What identity needs to know of an account beside the comparable fields: facts for keys and vetoes, and its hash."""

import difflib
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import ConfigError
from jobs.identity import cleaning, vetoes
from jobs.identity.settings import Junk, Settings

TOLD = ("full_name", "given_name", "surname", "birth_date", "sex", "email", "phone", "street_number", "address_1",
        "address_2", "suburb", "city", "postcode", "state", "country", "national_id", "company", "loyalty_card",
        "device_id", "is_email_verified", "is_lead")  # fmt: skip
FEMALE, MALE = (
    ("f", "w", "female", "woman", "frau", "weiblich", "mrs", "ms", "女"),
    ("m", "male", "man", "herr", "mannlich", "mr", "男"),
)


def beside(columns: Sequence[str], junk: Junk, secret: str) -> dict[str, Column]:
    """Columns for cleaning.records.

    source_hash: of the fields as exported, so that a change of our own cleaning is not taken for news;
    sex: f, m or NULL; company: letters and digits; loyalty_card, device, verified_email: keys, or NULL.
    """
    known = {name: F.col(name) for name in columns}
    nothing = F.lit(None).cast("string")
    told = [F.coalesce(known[name].cast("string"), F.lit("")) for name in TOLD if name in known]
    email = cleaning.email(F.col("email"), junk)
    return {
        "source_hash": F.substring(F.sha2(F.concat_ws("|", F.lit(secret), *told), 256), 1, 24),
        "sex": sex(F.col("sex")),
        "company": cleaning.words(F.col("company"), junk),
        "loyalty_card": cleaning.code(known["loyalty_card"]) if "loyalty_card" in known else nothing,
        "device": cleaning.code(known["device_id"]) if "device_id" in known else nothing,
        "verified_email": F.when(known["is_email_verified"], email) if "is_email_verified" in known else nothing,
    }


def sex(text: Column) -> Column:
    """f or m from the words that channels use; NULL for anything else."""
    word = F.regexp_replace(cleaning.plain(F.trim(text)), r"[^\p{L}]", "")
    return F.when(word.isin(*FEMALE), "f").when(word.isin(*MALE), "m")


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
