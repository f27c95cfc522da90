"""Texts that YAML cuts: in `{why: late, or wrong}` the text ends at its comma, the rest is a key without a value."""

import functools
from collections.abc import Iterator
from pathlib import Path

import yaml

from lakehouse.config.documents import LOADER, shown
from lakehouse.config.findings import Finding


def cut_texts(path: Path) -> Iterator[Finding]:
    """A warning for each key of a file that has neither a colon nor a value; none for a file that is no YAML."""
    try:
        cuts = _cuts(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # whoever reads the file says so
    for line, before, key in cuts:
        of = f" of '{before}'" if before else ""
        what = f"a text{of} is cut at its comma: '{key}' became a key"
        yield Finding(f"{shown(path)}:{line}", what, "put it in quotes", True)


@functools.lru_cache(maxsize=1024)
def _cuts(text: str) -> list[tuple[int, str, str]]:
    """Line of each bare key, the key before it, and what it says."""
    root = yaml.compose(text, Loader=LOADER)
    return [(key.start_mark.line + 1, before, key.value) for before, key in _bare_keys(root, text)]


def _bare_keys(node: yaml.Node | None, text: str) -> Iterator[tuple[str, yaml.Node]]:
    """The key before each bare one, and the bare one."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _bare_keys(item, text)
    if isinstance(node, yaml.MappingNode):
        before = ""
        for key, value in node.value:
            if node.flow_style and ":" not in text[key.end_mark.index : value.start_mark.index + 1]:
                yield before, key
            else:
                before = str(key.value)
            yield from _bare_keys(value, text)
