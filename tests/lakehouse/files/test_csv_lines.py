"""CSV lines: the fast way gives what the plain parser gives, and every line is a row's or is malformed."""

import random

import pytest

from lakehouse.files.csv_lines import Dialect, Lines, exact_records, orderly_records, parse

COMMA = Dialect(",", '"', max_record_lines=50)


def shown(lines: Lines) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    """Rows with the line they start on, then malformed lines."""
    rows = list(zip(lines.lines.tolist(), *(column.to_pylist() for column in lines.columns), strict=True))
    return rows, list(zip(lines.bad_lines, lines.bad_texts, strict=True))


@pytest.mark.parametrize(
    ("text", "rows", "malformed"),
    [
        ('a,"x\ny"\nb,z\n', [(1, "a", "x\ny"), (3, "b", "z")], []),
        ("a,1\nb\nc,3\n", [(1, "a", "1"), (3, "c", "3")], [(2, "b")]),
        ("a,1,2\r\nb,3\r\n", [(2, "b", "3")], [(1, "a,1,2")]),
        ('a,5" pipe\nb,"q""z"\n', [(1, "a", '5" pipe'), (2, "b", 'q"z')], []),
        ('a,"never closed\nb,1\nc,2', [(2, "b", "1"), (3, "c", "2")], [(1, 'a,"never closed')]),
        ('a,"b"c\nd,e\n', [(2, "d", "e")], [(1, 'a,"b"c')]),
        ("a,1\n\n\r\nb,2", [(1, "a", "1"), (4, "b", "2")], []),
        # one value over two lines: reading resumes at the second, which has two as it stands
        ('"x\ny,z"\na,b\n', [(2, "y", 'z"'), (3, "a", "b")], [(1, '"x')]),
        ("", [], []),
    ],
)
def test_rows_and_malformed_lines_keep_the_line_they_start_on(
    text: str, rows: list[tuple[object, ...]], malformed: list[tuple[int, str]]
) -> None:
    assert shown(parse(text.encode(), 1, 2, COMMA, is_last=True)) == (rows, malformed)


def dirty(rng: random.Random) -> str:
    """Text of a few records, from clean over badly quoted to noise."""
    if rng.random() < 0.3:
        return "".join(
            rng.choice(["a", "b", ",", ",", '"', "\n", "\n", "\r\n", "\r", "é", "日"])
            for _ in range(rng.randint(0, 25))
        )
    ends, always, width = rng.choice(["\n", "\r\n"]), rng.random() < 0.9, rng.choice([(2,), (2, 2, 2, 1, 3)])
    return ends.join(
        ",".join(value(rng, always) for _ in range(rng.choice(width))) for _ in range(rng.randint(0, 6))
    ) + rng.choice(["", ends])


def value(rng: random.Random, quote_where_needed: bool) -> str:
    text = "".join(rng.choice('ab,"\n\ré') for _ in range(rng.randint(0, 4)))
    needed = quote_where_needed and any(c in text for c in ',"\n\r')
    return '"' + text.replace('"', '""') + '"' if needed or rng.random() < 0.3 else text


def test_the_fast_way_equals_the_plain_parser_on_dirty_text() -> None:
    rng, fast = random.Random(20171001), 0
    for _ in range(2000):
        text, width = dirty(rng), rng.choice([1, 2, 2, 2])
        encoded = text.encode() + (b"" if text.endswith("\n") or not text else b"\n")
        fast += orderly_records(encoded, 1, width, COMMA, is_last=True) is not None
        actual = parse(text.encode(), 1, width, COMMA, is_last=True)
        assert shown(actual) == shown(exact_records(encoded, 1, width, COMMA, is_last=True)), repr(text)
    assert fast > 500


def test_blocks_cut_anywhere_give_what_the_whole_gives() -> None:
    rng = random.Random(20171002)
    for _ in range(1000):
        text, width = dirty(rng).encode(), rng.choice([1, 2])
        first = parse(text, 1, width, COMMA, is_last=False)
        rest = parse(text[first.consumed :], 1 + first.consumed_lines, width, COMMA, is_last=True)
        rows, malformed = shown(parse(text, 1, width, COMMA, is_last=True))
        assert (shown(first)[0] + shown(rest)[0], shown(first)[1] + shown(rest)[1]) == (rows, malformed), repr(text)


def test_no_line_is_lost() -> None:
    rng = random.Random(20171003)
    for _ in range(1000):
        text = dirty(rng).replace("\r", "")
        lines = parse(text.encode(), 1, 2, COMMA, is_last=True)
        spans = sum(1 + sum(str(v).count("\n") for v in row[1:]) for row in shown(lines)[0])
        blank = covered_blanks(text, shown(lines)[0])
        assert spans + len(lines.bad_lines) == len([t for t in text.split("\n") if t]) + blank, repr(text)


def covered_blanks(text: str, rows: list[tuple[object, ...]]) -> int:
    """Empty physical lines that belong to a quoted value."""
    physical = text.split("\n")
    inside = [int(str(row[0])) + i for row in rows for i in range(1 + sum(str(v).count("\n") for v in row[1:]))]
    return sum(1 for line in inside if not physical[line - 1])


def test_an_unclosed_quote_swallows_no_more_lines_than_allowed() -> None:
    text = 'a,"open\n' + "b,1\n" * 200
    rows, malformed = shown(parse(text.encode(), 1, 2, COMMA, is_last=True))
    assert (len(rows), malformed) == (200, [(1, 'a,"open')])


def test_another_delimiter_and_no_quote_character() -> None:
    dialect = Dialect(";", "", max_record_lines=50)
    assert shown(parse(b'a;"b\nc;d"\n', 1, 2, dialect, is_last=True)) == ([(1, "a", '"b'), (2, "c", 'd"')], [])
