"""Texts that YAML cuts: in `{why: late, or wrong}` the text ends at its comma, the rest is a key without a value."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from lakehouse.config.documents import LOADER, shown
from lakehouse.config.findings import Finding


def cut_texts(path: Path) -> Iterator[Finding]:
    """A warning for each key of a file that has neither a colon nor a value; none for a file that is no YAML."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # whoever reads the file says so
    for before, key in _bare_keys(root, text):
        where = f"{shown(path)}:{key.start_mark.line + 1}"
        of = f" of '{before}'" if before else ""
        yield Finding(where, f"a text{of} is cut at its comma: '{key.value}' became a key", "put it in quotes", True)


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
