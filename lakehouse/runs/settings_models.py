"""The model of each YAML subject: conf/<subject>.yaml is read as `Settings` of jobs/<room>/settings/<subject>.py.

These modules import no Spark, so that every command can check every subject.
"""

import importlib
from functools import cache

from lakehouse.config.exports import Export
from lakehouse.config.layers import FOLDERS
from lakehouse.config.model import SettingsModel
from lakehouse.config.model_fields import keys, models_of
from lakehouse.config.profile import Profile
from lakehouse.errors import LakehouseError
from lakehouse.modelling.spec import Model
from lakehouse.runs import graph
from lakehouse.runs.graph import Job


@cache
def subjects() -> dict[str, tuple[Job, ...]]:
    """Subject -> jobs that declare it in CONF; first those whose own it is."""
    among = [(name, job) for job in graph.jobs() for name in job.conf]
    names = sorted({name for name, _ in among})
    return {name: tuple(sorted(_readers(name), key=lambda job: job.conf[0] != name)) for name in names}


def _readers(subject: str) -> list[Job]:
    return [job for job in graph.jobs() if subject in job.conf]


@cache
def model_of(subject: str) -> type[SettingsModel]:
    """The subject's model.

    Raises:
        LakehouseError: no room, or more than one, has such a module.
    """
    paths = sorted(graph.FOLDER.glob(f"*/settings/{subject}.py"))
    if len(paths) != 1:
        raise LakehouseError(
            f"{len(paths)} rooms have a settings model of '{subject}'",
            "",
            f"write one: jobs/<room>/settings/{subject}.py",
        )
    model: type[SettingsModel] = importlib.import_module(f"jobs.{paths[0].parts[-3]}.settings.{subject}").Settings
    return model


def file_model(subject: str) -> type[SettingsModel]:
    """What one file of a subject holds: all of it, or of a folder one entry."""
    if subject not in FOLDERS:
        return model_of(subject)
    return models_of(keys(model_of(subject))[subject].annotation)[0]


def every_model() -> dict[str, tuple[type[SettingsModel], str]]:
    """Name of a schema -> model, and what its files are: all subjects, exports, models and profiles."""
    of_subjects = {
        name: (file_model(name), f"conf/{name}{'/*' if name in FOLDERS else ''}.yaml") for name in subjects()
    }
    return {
        **of_subjects,
        "export": (Export, "an export"),
        "model": (Model, "a model"),
        "profile": (Profile, "a profile"),
    }
