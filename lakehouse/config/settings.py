"""A document as the settings model that a job declares: every key known, every value of its type and in its range."""

import dataclasses
from typing import Any, TypeVar

from pydantic import ValidationError

from lakehouse.config import forms_until_then
from lakehouse.config.documents import Document
from lakehouse.config.refusals import refusals
from lakehouse.errors import ConfigFileError

M = TypeVar("M")


def build(model: type[M], document: Document) -> M:
    """Turn a document into its settings model, strictly.

    Raises:
        ConfigFileError: each unknown key (with the nearest valid one), missing key, value of a wrong type or out of its
            range, and rule between keys that does not hold, with file and line.
    """
    form: Any = model
    if dataclasses.is_dataclass(form):
        return forms_until_then.build(model, document)
    try:
        made: M = form.model_validate(document.value)
    except ValidationError as error:
        raise ConfigFileError(refusals(form, document, error)) from None  # the cause would repeat it without lines
    return made
