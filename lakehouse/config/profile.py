"""Where things are and how Spark runs: conf/profiles/<name>.yaml."""

import zoneinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lakehouse.config.documents import home
from lakehouse.config.fields import Count, CountOrZero, Text, Word, refusal
from lakehouse.config.findings import nearest
from lakehouse.config.model import SettingsModel
from lakehouse.storage.places import is_s3


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal(f"'{name}' is no time zone", nearest(name, zoneinfo.available_timezones())) from None
    return name


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        raise refusal(f"'{code}' is no ISO 4217 code", "write three capital letters, such as EUR")
    return code


def _reference(secret: str) -> str:
    if not secret.startswith(("env:", "file:")):
        raise refusal("the secret itself stands here", "write env:NAME or file:PATH, and replace the secret")
    return secret


class Profile(SettingsModel):
    """Where things are and how Spark runs; relative paths start from `home()`."""

    lake: Word = Field(description="folder or URI of the lake's tables")
    drop: Word = Field(description="folder in which channels put their files")
    reports: Word = Field(description="folder of the nights' reports")
    business_time_zone: Annotated[Word, AfterValidator(_zone)] = Field(
        description="IANA time zone in which a business day begins at midnight"
    )
    reporting_currency: Annotated[Word, AfterValidator(_currency)] = Field(description="ISO 4217 code of all amounts")
    mlflow_tracking_uri: Word = Field(
        description="MLflow's store or server; env:NAME of it where it has a password in it"
    )
    account_secret: Annotated[Word, AfterValidator(_reference)] = Field(
        description="env:NAME or file:PATH of the key of hashes of personal account keys; never the key itself"
    )
    model_secret: Annotated[Word, AfterValidator(_reference)] = Field(
        default="file:var/secret/models.key",
        description="env:NAME or file:PATH of the key that signs models' files; never the key itself, never in MLflow",
    )
    copies: Text = Field(
        default="",
        description="folder of nightly copies of what cannot be made again (ids, decisions, histories, files)",
    )
    jars: Word = Field(default="var/jars", description="folder of Delta Lake's jars")
    event_logs: Text = Field(default="var/spark/events", description="folder of Spark's event logs; empty: none")
    lineage_events: Text = Field(
        default="",
        description="OpenLineage events of each run: a folder, or the http(s) address of a server; empty: none",
    )
    lineage_events_mib: Count = Field(default=64, description="MiB of the newest event files that a folder keeps")
    lineage_events_token: Text = Field(
        default="", description="env:NAME of the token that the server of lineage_events asks for; empty: none"
    )
    file_mask: Annotated[Text, Field(pattern=r"^0?0[0-7]{2}$")] = Field(
        default="077", description="rights that lake, stores and reports do not give: 077 owner alone, 027 group reads"
    )
    register_catalog: Text = Field(
        default="", description="each night tables get catalog names: this, then <layer>.<table>; empty: none"
    )
    collect_up_to_rows: CountOrZero = Field(
        default=0, description="a publish of no more rows is committed without Spark's Delta writer; 0: never"
    )
    query_up_to_rows: CountOrZero = Field(
        default=0, description="tables of no more rows are queried by DuckDB where a job asks for that; 0: never"
    )
    quick_compiler_up_to_mb: CountOrZero = Field(
        default=0,
        description="lake and drop zone of no more megabytes: Java's quick compiler alone, sooner fast; 0: never",
    )
    engine: Literal["auto", "spark"] = Field(
        default="auto", description="auto: small work without Spark, by the two keys above; spark: all on Spark"
    )
    spark: dict[Word, Text] = Field(default={}, description="Spark's own settings")
    name: Word = Field(default="local", description="the profile's name: the file's")

    def path(self, value: str) -> str:
        """An absolute path; a URI (s3://, sqlite:///) stays as it is, but for a slash at the end of a store's."""
        if is_s3(value):
            return value.rstrip("/")
        return value if "://" in value or Path(value).is_absolute() else str(home() / value)

    @property
    def mask(self) -> int:
        """`file_mask` as a number."""
        return int(self.file_mask, 8)

    @property
    def is_on_spark_alone(self) -> bool:
        """Whether no table may be read, queried or written but by Spark."""
        return self.engine == "spark"

    def engine_of(self, chosen: str) -> str:
        """The engine for work whose settings choose one of their own: theirs, unless all runs on Spark alone."""
        return "spark" if self.is_on_spark_alone else chosen
