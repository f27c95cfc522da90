"""conf/templates/NAME.yaml: mails, by what audiences and triggers call their content (`lakehouse deliver`)."""

import re
import typing
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from jobs.activation.settings.contact_policy import Name
from jobs.activation.settings.destinations import FieldName
from lakehouse.config.fields import Like, Text, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import Defines

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")  # {{given_name}}
OF_MESSAGE = ("item", "content", "key")
KNOWN = (*typing.get_args(FieldName), *OF_MESSAGE)
OTHERS = f"use one of {', '.join(KNOWN)}"


class Template(SettingsModel):
    """One mail; {{given_name}} and other fields of the customer, {{item}}, {{content}} and {{key}} of the message."""

    subject: Annotated[Word, Like(r"[^\r\n]+", "a subject is one line", "write it in one line")] = Field(
        description="subject of the mail"
    )
    text: Word = Field(description="the mail as plain text")
    html: Text = Field(default="", description="the mail as HTML beside it; values are escaped")
    fallbacks: dict[Text, Text] = Field(
        default={},
        description="field: what stands there for customers without it; a mail with a field that is missing otherwise "
        "is not sent, and says so",
    )

    def fields(self) -> tuple[str, ...]:
        """What its texts ask for, in order of appearance."""
        found = (PLACE.findall(text) for text in (self.subject, self.text, self.html))
        return tuple(dict.fromkeys(name for names in found for name in names))

    def conflicts(self) -> Iterator[Conflict]:
        """Each field is one that there is."""
        for key in ("subject", "text", "html"):
            for name in dict.fromkeys(PLACE.findall(getattr(self, key))):
                if name not in KNOWN:
                    yield Conflict(
                        key, f"there is no field '{name}'", nearest(name, KNOWN) or f"use {', '.join(KNOWN)}"
                    )
        for name in self.fallbacks:
            if name not in KNOWN:
                yield Conflict(("fallbacks", name), f"there is no field '{name}'", nearest(name, KNOWN))


class Settings(SettingsModel):
    """All of them; a layer above adds templates, or changes keys of one in a file of its name."""

    templates: dict[Annotated[Name, Defines("template")], Template] = Field(description="name: template")
