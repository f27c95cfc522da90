"""The form (dataclass) of each subject's YAML, taken from a job's source without importing the job's libraries."""

import ast
import sys
import types
from functools import cache
from pathlib import Path
from typing import Any

from lakehouse.runs import graph, job_modules
from lakehouse.runs.graph import Job

PLAIN = ("dataclasses", "datetime", "typing", "collections", "collections.abc", "enum", "decimal")


@cache
def subjects() -> dict[str, tuple[Job, ...]]:
    """Subject -> jobs that declare it in CONF."""
    found: dict[str, tuple[Job, ...]] = {}
    for job in graph.jobs():
        for name in job.conf:
            found[name] = (*found.get(name, ()), job)
    return found


def form_of(job: Job) -> type | None:
    """The `Settings` of a job's module, or None when it has none.

    Where the class needs more of its module than other dataclasses, the module itself is imported (no Spark starts).
    """
    try:
        return _named(job.module, "Settings")
    except (NameError, KeyError):
        return getattr(job_modules.load(job), "Settings", None)


@cache
def _named(module: str, name: str) -> type | None:
    tree = _tree(module)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("jobs.", "lakehouse.")):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _named(node.module, alias.name)
        if isinstance(node, ast.Assign) and _targets(node) == [name] and isinstance(node.value, ast.Name):
            return _named(module, node.value.id)
        if isinstance(node, ast.ClassDef) and node.name == name:
            found: type = _forms(module).__dict__[name]
            return found
    return None


def _targets(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


@cache
def _forms(module: str) -> types.ModuleType:
    """A module with nothing but the dataclasses of the real one (and literal constants, for their defaults)."""
    made = types.ModuleType(f"{module}__forms")
    sys.modules[made.__name__] = made  # dataclasses and get_type_hints look their module up
    kept = [node for node in _tree(module).body if _is_kept(node)]
    exec(compile(ast.Module(kept, []), module, "exec"), made.__dict__)  # noqa: S102 our own source
    return made


def _is_kept(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module in PLAIN
    if isinstance(node, ast.Import):
        return all(alias.name in PLAIN for alias in node.names)
    if isinstance(node, ast.Assign):
        return _is_literal(node.value)
    return isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list)


def _is_literal(value: Any) -> bool:
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True


@cache
def _tree(module: str) -> ast.Module:
    path = Path(graph.FOLDER.parent, *module.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))
