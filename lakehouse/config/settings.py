"""A document as its settings model: every key known, every value of its type and in its range."""

from typing import TypeVar

from pydantic import ValidationError

from lakehouse.config.documents import Document
from lakehouse.config.model import SettingsModel
from lakehouse.config.refusals import refusals
from lakehouse.errors import ConfigFileError

M = TypeVar("M", bound=SettingsModel)


def build(model: type[M], document: Document) -> M:
    """Turn a document into its settings model, strictly.

    Raises:
        ConfigFileError: each unknown key (with the nearest valid one), missing key, value of a wrong type or out of its
            range, and rule between keys that does not hold, with file and line.
    """
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        raise ConfigFileError(refusals(model, document, error)) from None  # the cause would repeat it without lines
