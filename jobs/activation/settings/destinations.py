"""conf/destinations/NAME.yaml: where decided messages are handed over (`lakehouse deliver`, activation.deliveries)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jobs.activation.settings.contact_policy import ContactChannel, Name
from lakehouse.config.fields import Count, Like, Listed, Some, Text, Word
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

Secret = Annotated[Text, Like(r"|(env|file):.+", "a secret stands outside of conf", "write env:NAME or file:PATH")]
Mode = Literal["full", "upsert", "mirror"]
Port = Annotated[int, Field(ge=1, le=65_535)]
FieldName = Literal[
    "given_name", "surname", "email", "phone", "address_1", "address_2", "city", "postcode", "state", "country"
]
KINDS = ("files", "webhook", "smtp", "kafka")
MODES: dict[str, tuple[Mode, ...]] = {  # by kind, the first where none is said
    "files": ("full", "upsert", "mirror"),
    "webhook": ("upsert", "mirror"),
    "smtp": ("upsert",),
    "kafka": ("upsert", "mirror"),
}


class Sftp(SettingsModel):
    """An SFTP server; its key must be known before, so that nobody stands in its place."""

    host: Word = Field(description="name or address")
    port: Port = Field(default=22, description="of the server")
    user: Word = Field(description="account there")
    password: Secret = Field(default="", description="env:NAME or file:PATH; without it the key is used")
    key_file: Text = Field(default="", description="private key, a path on this machine")
    known_hosts: Word = Field(description="file with the server's public key, as ssh keeps it")


class Storage(SettingsModel):
    """Object storage that speaks S3."""

    bucket: Word = Field(description="bucket, with a prefix behind a slash where there is one")
    endpoint: Text = Field(default="", description="address of a store that is not Amazon's")
    region: Text = Field(default="", description="region, where the store has them")
    access_key: Secret = Field(default="", description="env:NAME or file:PATH; without it what the machine has")
    secret_key: Secret = Field(default="", description="env:NAME or file:PATH")


class Files(SettingsModel):
    """A file of messages a night: in a folder of this machine, over SFTP, or in object storage."""

    folder: Text = Field(default="", description="where files are put; below the account's folder or bucket for others")
    format: Literal["csv", "json_lines", "parquet"] = Field(default="csv", description="csv is safe from formulas")
    sftp: Sftp | None = Field(default=None, description="files go to this server")
    s3: Storage | None = Field(default=None, description="files go to this store")

    def conflicts(self) -> Iterator[Conflict]:
        """There is one place."""
        if self.sftp and self.s3:
            yield Conflict("s3", "files go to one place", "keep sftp or s3")
        if not (self.folder or self.sftp or self.s3):
            yield Conflict("folder", "files need a folder", "name one")


class Webhook(SettingsModel):
    """Batches to an HTTP address."""

    url: Annotated[Word, Like(r"https?://.+", "an address begins with http:// or https://", "write it")] = Field(
        description="the address of the requests"
    )
    secret: Secret = Field(default="", description="env:NAME or file:PATH; signs each request (HMAC-SHA-256)")


class Smtp(SettingsModel):
    """A mail server; each message is a mail made from the template that its content names."""

    host: Word = Field(description="name or address")
    port: Port = Field(default=587, description="of the server")
    tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls", description="how the connection is sealed; none is for a server on this machine"
    )
    ca_file: Text = Field(default="", description="certificates to trust; without it the machine's")
    user: Text = Field(default="", description="account there; none without it")
    password: Secret = Field(default="", description="env:NAME or file:PATH")
    sender: Annotated[
        Word, Like(r"[^\r\n]*[^\s<>@]+@[^\s<>@]+>?", "no mail address", "write it as Shop <us@shop.example>")
    ] = Field(description="who writes, as Shop <us@shop.example>")
    reply_to: Text = Field(default="", description="address of answers; the sender without it")
    unsubscribe_url: Annotated[
        Text, Like(r"|https://.*\{key\}.*", "it begins with https:// and has a place for the key", "write {key} there")
    ] = Field(default="", description="one click there unsubscribes (RFC 8058); {key} is the message's key")
    unsubscribe_mail: Text = Field(default="", description="a mail there unsubscribes; its subject is the key")

    def conflicts(self) -> Iterator[Conflict]:
        """Whoever gets a mail can end it, and no mail goes over a line in the open."""
        if self.tls == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            yield Conflict("tls", "mails to another machine go over TLS", "write starttls or implicit")
        if not (self.unsubscribe_url or self.unsubscribe_mail):
            yield Conflict("unsubscribe_url", "a mail needs a way to unsubscribe", "name unsubscribe_url or _mail")


class Kafka(SettingsModel):
    """A topic; each message is a record under its key."""

    servers: Some[Word] = Field(description="host:port of brokers to begin with")
    topic: Word = Field(description="the topic's name")
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how the connection is sealed"
    )
    ca_file: Text = Field(default="", description="certificates to trust; without it the machine's")
    user: Text = Field(default="", description="account of SASL, SCRAM-SHA-512")
    password: Secret = Field(default="", description="env:NAME or file:PATH")


class Destination(SettingsModel):
    """One place, of one kind."""

    channels: Some[ContactChannel] = Field(description="messages of these channels go there")
    fields: Listed[FieldName] = Field(
        default=(),
        description="columns of identity.golden_customers that go with a message, which needs them all",
    )
    mode: Mode | None = Field(
        default=None,
        description="full: all of the night each time; upsert: what was not sent yet; mirror: what changed since, and "
        "what is to be removed there. Without it full for files, upsert for others",
    )
    files: Files | None = Field(default=None, description="a file a night")
    webhook: Webhook | None = Field(default=None, description="batches to an HTTP address")
    smtp: Smtp | None = Field(default=None, description="mails")
    kafka: Kafka | None = Field(default=None, description="records of a topic")
    batch_size: Annotated[int, Field(ge=1, le=100_000)] = Field(default=500, description="messages of one batch")
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = Field(
        default=50, description="no more requests, or mails, than these"
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = Field(default=10, description="of one request")
    attempts: Annotated[int, Field(ge=1, le=20)] = Field(
        default=5, description="of one batch; then it waits for another run"
    )
    ask_above: Count | None = Field(
        default=None, description="more messages of a run than these wait for a person's approval; no limit without it"
    )

    @property
    def kind(self) -> str:
        """Which kind of place it is."""
        return next(name for name in KINDS if getattr(self, name, None) is not None)

    @property
    def way(self) -> Mode:
        """Its mode, or that of its kind."""
        return self.mode or MODES[self.kind][0]

    def conflicts(self) -> Iterator[Conflict]:
        """It is of one kind, which can do what its mode asks."""
        named = [name for name in KINDS if getattr(self, name, None) is not None]
        if len(named) != 1:
            yield Conflict("", f"a destination is of one kind, not of {len(named)}", f"write one of {', '.join(KINDS)}")
        elif self.way not in MODES[self.kind]:
            known = " or ".join(MODES[self.kind])
            yield Conflict("mode", f"'{self.kind}' knows no mode '{self.way}'", f"write {known}")


class Settings(SettingsModel):
    """All of them; a layer above adds destinations, or changes keys of one in a file of its name."""

    destinations: dict[Annotated[Name, Defines("destination")], Destination] = Field(description="name: destination")
