"""Modules of rooms, loaded by the names that the graph gives: with cli/ the only place where the engine does so."""

import importlib
from types import ModuleType

from lakehouse.runs.graph import Job


def load(job: Job) -> ModuleType:
    """The job's own module: `run`, and what else it offers (`Settings`, `check`, `prepare`)."""
    return importlib.import_module(job.module)


def faults(job: Job) -> ModuleType:
    """The module whose `all_faults(conf, subject)` says what is wrong in the job's subject."""
    return importlib.import_module(job.faults)
