"""JSON documents and XML as JSON lines: each element of the list becomes a line, its values as they are written."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from lakehouse.files import json_lines
from lakehouse.files.refusals import RefusedError

DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
SPACE = re.compile(r"[\s,]*")


def json_elements(text: str, rows: str) -> Iterator[bytes]:
    """The elements of one JSON array, or of the list at a path of keys (`data.orders`), a line each.

    Raises:
        RefusedError: it is not JSON, or no list of objects stands there.
    """
    listed = text.strip().removeprefix("\ufeff")
    try:
        for key in [key for key in rows.split(".") if key]:
            listed = _under(listed, key)
        if not rows and listed.startswith("{"):
            listed = _only_list(listed)
        if not listed.startswith("["):
            raise RefusedError("no list stands there", "name its place: `rows: data.orders`")
        yield from _elements(listed)
    except (ValueError, IndexError, RecursionError):
        raise RefusedError(
            "it is not a whole JSON document", "deliver it again; test it with 'python -m json.tool'"
        ) from None


def _under(text: str, key: str) -> str:
    values = json_lines.top_level(text)
    if key not in values or values[key] is None:
        raise RefusedError(f"there is no key '{key}'", f"correct `rows`; keys are: {', '.join(sorted(values)[:20])}")
    return str(values[key])


def _only_list(text: str, depth: int = 3) -> str:
    """The only list of objects among the keys, or among those of the objects inside."""
    lists = _lists(text, depth)
    if len(lists) != 1:
        names = ", ".join(sorted(lists)) or "none"
        raise RefusedError(f"which list holds the rows? There are: {names}", "name it: `rows: KEY`")
    return next(iter(lists.values()))


def _lists(text: str, depth: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in json_lines.top_level(text).items():
        inner = (value or "").lstrip()
        if inner.startswith("[") and inner[1:].lstrip().startswith("{"):
            found[key] = inner
        elif inner.startswith("{") and depth > 1:
            found |= {f"{key}.{name}": text for name, text in _lists(inner, depth - 1).items()}
    return found


def _elements(listed: str) -> Iterator[bytes]:
    decode, at = json.JSONDecoder().raw_decode, SPACE.match(listed, 1).end()  # type: ignore[union-attr]
    while listed[at] != "]":
        end = decode(listed, at)[1]
        yield listed[at:end].replace("\r", " ").replace("\n", " ").encode() + b"\n"
        at = SPACE.match(listed, end).end()  # type: ignore[union-attr]


def declared_encoding(head: bytes) -> str | None:
    """What an XML file's first line says of its encoding; UTF-8 where it says nothing."""
    declaration = DECLARATION.match(head)
    declared = ENCODING.search(declaration.group()) if declaration else None
    return declared.group(1).decode() if declared else None


def xml_elements(text: bytes, rows: str) -> Iterator[bytes]:
    """The elements at a path (`orders/order`, its end is enough) as JSON lines.

    Args:
        text: the document in UTF-8. Entities and document types are refused: they can grow without bound.

    Raises:
        RefusedError: it is not well-formed, declares entities, or no row stands there.
    """
    path = [step for step in rows.split("/") if step]
    is_any = False
    try:
        for element in _at(DECLARATION.sub(b"", text, count=1), path):
            is_any = True
            yield json.dumps(as_values(element), ensure_ascii=False).encode() + b"\n"
    except DefusedXmlException:
        raise RefusedError("it declares entities or a document type", "deliver plain XML without a DOCTYPE") from None
    except ParseError as error:
        raise RefusedError(f"it is not well-formed XML: line {error.position[0]}", "deliver it again") from None
    if not is_any:
        raise RefusedError(f"no element stands at '{rows}'", "name the path of the rows: `rows: orders/order`")


def _at(text: bytes, path: list[str]) -> Iterator[Element]:
    """Elements at the path; without one, the children of the root."""
    stack: list[str] = []
    parents: list[Element] = []
    events = iterparse(io.BytesIO(text), events=("start", "end"), forbid_dtd=True)
    for event, element in events:
        if event == "start":
            stack.append(local(element.tag))
            parents.append(element)
            continue
        is_row = stack[-len(path) :] == path if path else len(stack) == 2
        if is_row:
            yield element
        stack.pop()
        parents.pop()
        if is_row and parents:
            parents[-1].clear()


def local(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2]


def as_values(element: Element) -> dict[str, Any] | str | None:
    """Attributes and children by name; repeated children as a list; a leaf as its text."""
    values: dict[str, Any] = {local(name): value for name, value in element.attrib.items()}
    for child in element:
        name, value = local(child.tag), as_values(child)
        if name in values:
            values[name] = [*(values[name] if isinstance(values[name], list) else [values[name]]), value]
        else:
            values[name] = value
    words = (element.text or "").strip()
    if not values:
        return words or None
    return values | ({"text": words} if words else {})
