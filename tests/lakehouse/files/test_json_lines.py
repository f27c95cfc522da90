"""JSON lines: top-level values as text, nested ones as written, anything but an object is malformed."""

import json
import random

import pytest

from lakehouse.files.json_lines import parse


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('{"a": "x\\u00e9\\n", "b": 1.50, "c": true, "d": null}', {"a": "xé\n", "b": "1.50", "c": "true", "d": None}),
        ('{"l": [{"p": 1.10, "n": [1, 2]} ]}', {"l": '[{"p": 1.10, "n": [1, 2]} ]'}),
        ('{"o": {"k": "}"}}', {"o": '{"k": "}"}'}),
        (' {"a":1 , "a":2}\r', {"a": "2"}),
        ("{}", {}),
        ("[1]", None),
        ('{"a":1} x', None),
        ('{"a":1', None),
        ('{"a":NaN}', None),
        ('{"a":[NaN]}', None),
        ("nonsense", None),
        ("{" * 3000, None),
        ('{"a":' + "[" * 100_000, None),
    ],
)
def test_a_line_gives_its_values_as_text_or_is_malformed(line: str, values: dict[str, str | None] | None) -> None:
    assert next(parse([line])) == values


def test_lines_agree_with_the_json_module_on_noise() -> None:
    rng, objects = random.Random(20171001), 0
    tokens = ["{", "}", "[", "]", ":", ",", '"a"', '"b"', "1", "-2.50", "true", "null", " ", '"\\u00e9"', "01", '"']
    for _ in range(5_000):
        text = "".join(rng.choice(tokens) for _ in range(rng.randint(1, 7)))
        line = '{"a":' + text + "}" if rng.random() < 0.5 else text
        expected, actual = slow(line), next(parse([line]))
        assert (actual is None) == (expected is None), line
        if expected is not None and actual is not None:
            objects += 1
            assert {key: reread(text) for key, text in actual.items()} == {
                key: reread(plain(v)) for key, v in expected.items()
            }
    assert objects > 100


def slow(line: str) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def plain(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value)


def reread(text: str | None) -> object:
    try:
        return json.loads(text) if text is not None else None
    except ValueError:
        return text
