"""conf/destinations.yaml: where decided messages are handed over (`lakehouse deliver`, activation.deliveries)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jobs.activation.settings.contact_policy import ContactChannel, Name
from lakehouse.config.fields import Like, Listed, Some, Text
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

Reference = Annotated[Text, Like(r"|(env|file):.+", "a secret stands outside of conf", "write env:NAME or file:PATH")]
Fields = Literal[
    "given_name", "surname", "email", "phone", "address_1", "address_2", "city", "postcode", "state", "country"
]


class Destination(SettingsModel):
    """One place, by files or by HTTP."""

    kind: Literal["files", "webhook"] = Field(description="files in a folder, or batches to an HTTP address")
    channels: Some[ContactChannel] = Field(description="messages of these channels go there")
    fields: Listed[Fields] = Field(
        default=(),
        description="columns of identity.golden_customers that go with a message, which needs them all",
    )
    folder: Text = Field(default="", description="of files: where they are put, one a night")
    format: Literal["csv", "json_lines", "parquet"] = Field(
        default="csv", description="of files; csv is safe from formulas"
    )
    url: Text = Field(default="", description="of a webhook: the address of the requests")
    secret: Reference = Field(default="", description="of a webhook: env:NAME or file:PATH; signs each request")
    batch_size: Annotated[int, Field(ge=1, le=100_000)] = Field(default=500, description="messages of one request")
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = Field(default=50, description="no more than these")
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = Field(default=10, description="of one request")
    attempts: Annotated[int, Field(ge=1, le=20)] = Field(
        default=5, description="of one batch; then it waits for another run"
    )

    def conflicts(self) -> Iterator[Conflict]:
        """It has what its kind takes."""
        if self.kind == "files" and not self.folder:
            yield Conflict("folder", "files need a folder", "name one")
        if self.kind == "webhook" and not self.url.startswith(("http://", "https://")):
            yield Conflict("url", "a webhook needs an address that begins with http:// or https://", "write it")


class Settings(SettingsModel):
    """All of it; a layer above adds destinations, or changes one by its name."""

    destinations: dict[Annotated[Name, Defines("destination")], Destination] = Field(description="name: destination")
