"""What counts as reached from a function, and that a hash of it never misses a change nor sees one that is none."""

import json
import re
from pathlib import Path

import pytest

from lakehouse.errors import LakehouseError
from lakehouse.runs.code_hash import Code
from lakehouse.runs.source.reach import Reached, reached
from lakehouse.runs.source.tree import Tree


def of(run: str, **modules: str) -> Reached:
    """What jobs.gold.job.run can reach; further modules by dotted name with __ for dots."""
    sources = {f"{name.replace('__', '/')}.py": text.encode() for name, text in modules.items()}
    packages = {f"{p}/__init__.py": b"" for p in ("jobs", "jobs/gold", "lakehouse", "lakehouse/lake")}
    return reached(Tree({**packages, "jobs/gold/job.py": run.encode(), **sources}), ["jobs.gold.job.run"])


STEPS = "def one():\n    return 1\n\ndef two():\n    return 2\n"
CALLS = "from jobs.gold.steps import one\n\ndef run():\n    return one()\n"


def test_a_function_is_reached_by_name_and_its_neighbour_is_not():
    found = of(CALLS, jobs__gold__steps=STEPS)

    assert set(found.parts) == {"jobs.gold.job.run", "jobs.gold.steps.one"}
    assert found.digest == of(CALLS, jobs__gold__steps=STEPS.replace("return 2", "return 3")).digest
    assert found.digest != of(CALLS, jobs__gold__steps=STEPS.replace("return 1", "return 3")).digest


@pytest.mark.parametrize(
    "run",
    [
        "import jobs.gold.steps\n\ndef run():\n    return jobs.gold.steps.one()\n",
        "from jobs.gold import steps\n\ndef run():\n    return steps.one()\n",
        "from . import steps as s\n\ndef run():\n    return s.one()\n",
        "from .steps import one as uno\n\ndef run():\n    '''Says so.'''\n    return uno()  # why\n",
        "def run() -> int:\n    from jobs.gold.steps import one\n\n    return one()\n",
    ],
)
def test_how_something_is_imported_does_not_matter(run):
    assert of(run, jobs__gold__steps=STEPS).digest == of(CALLS, jobs__gold__steps=STEPS).digest


def test_the_same_call_of_another_function_of_that_name_is_a_change():
    other = STEPS.replace("return 1", "return 7")
    run = "from jobs.gold import {0} as s, steps, more\n\ndef run():\n    return s.one(), steps.one(), more.one()\n"

    by_steps = of(run.format("steps"), jobs__gold__steps=STEPS, jobs__gold__more=other)
    by_more = of(run.format("more"), jobs__gold__steps=STEPS, jobs__gold__more=other)

    assert by_steps.parts == by_more.parts | {"jobs.gold.job.run": by_steps.parts["jobs.gold.job.run"]}
    assert by_steps.digest != by_more.digest


LAKE = (
    "class Lake:\n    def read(self):\n        return 1\n    def keep(self):\n        return 2\n"
    "    def __len__(self):\n        return 3\n"
)
USES_LAKE = "from lakehouse.lake.lake import Lake\n\ndef run():\n    return {}\n"


@pytest.mark.parametrize(
    ("use", "methods"),
    [
        ("Lake().read()", {"read", "__len__"}),
        ("Lake().keep, Lake().read", {"read", "keep", "__len__"}),
        ("getattr(Lake(), 'keep')()", {"keep", "__len__"}),
        ("[getattr(Lake(), x) for x in dir(Lake)]", {"read", "keep", "__len__"}),
        ("[getattr(Lake(), x) for x in ('keep', 'lose')]", {"keep", "__len__"}),
        ("[getattr(Lake(), x) for y in 'ab' for x in (y, 'keep')]", {"read", "keep", "__len__"}),
        ("[[getattr(Lake(), x) for x in ('keep',)] for x in dir(Lake)]", {"read", "keep", "__len__"}),
        ("Lake", {"__len__"}),
    ],
)
def test_a_method_is_reached_when_its_name_is_looked_up(use, methods):
    found = of(USES_LAKE.format(use), lakehouse__lake__lake=LAKE)

    assert {p.rpartition(".")[2] for p in found.parts if ".Lake." in p} == methods


def test_a_class_of_a_library_may_call_all_methods_of_its_child():
    child = (
        "from mlflow.pyfunc import PythonModel\n\nclass Lake(PythonModel):\n    def predict(self):\n        return 1\n"
    )
    grandchild = "from jobs.gold.base import Base\n\nclass Lake(Base):\n    def predict(self):\n        return 1\n"
    base = child.replace("Lake", "Base")

    assert "lakehouse.lake.lake.Lake.predict" in of(USES_LAKE.format("Lake"), lakehouse__lake__lake=child).parts
    found = of(USES_LAKE.format("Lake"), lakehouse__lake__lake=grandchild, jobs__gold__base=base)
    assert "lakehouse.lake.lake.Lake.predict" in found.parts


@pytest.mark.parametrize(
    "run",
    [
        "from jobs.gold import steps\n\ndef run():\n    return vars(steps)\n",
        "from jobs.gold import steps\n\ndef run(name):\n    return getattr(steps, name)()\n",
        "from jobs.gold.steps import *\n\ndef run():\n    return one()\n",
        "from jobs.gold import steps\n\ndef run():\n    return steps.no_such_name\n",
    ],
)
def test_where_it_cannot_be_told_the_whole_module_counts(run):
    found = of(run, jobs__gold__steps=STEPS)

    assert {"jobs.gold.steps.one", "jobs.gold.steps.two"} <= set(found.parts)
    assert found.digest != of(run, jobs__gold__steps=STEPS.replace("return 2", "return 3")).digest


def test_the_own_module_counts_where_its_names_are_computed():
    run = "def other():\n    return 1\n\ndef run(name):\n    return globals()[name]()\n"

    assert of(run).digest != of(run.replace("return 1", "return 2")).digest


def test_what_registers_itself_when_its_module_is_loaded_is_reached():
    steps = "from jobs.gold.kinds import kind\n\n@kind('a')\ndef one():\n    return 1\n\ndef two():\n    return 2\n"
    kinds = "KINDS = {}\n\ndef kind(name):\n    return lambda f: KINDS.setdefault(name, f)\n"
    run = "import jobs.gold.steps\nfrom jobs.gold.kinds import KINDS\n\ndef run():\n    return KINDS['a']()\n"

    found = of(run, jobs__gold__steps=steps, jobs__gold__kinds=kinds)

    assert "jobs.gold.steps.one" in found.parts
    assert "jobs.gold.steps.two" not in found.parts


def test_a_local_name_is_no_reference_and_an_outer_one_is():
    steps = "def rows():\n    return 1\n\n"
    local = steps + "def run(rows):\n    return [rows for rows in rows]\n"
    inner = steps + "def run(x):\n    return [rows for rows in x], rows()\n"
    nested = steps + "def run(x):\n    def f(rows):\n        return rows\n    return f(x), rows()\n"

    assert set(of(local).parts) == {"jobs.gold.job.run"}
    assert "jobs.gold.job.rows" in of(inner).parts
    assert "jobs.gold.job.rows" in of(nested).parts


LOCALS = """
def run(given, other):
    first, second = given, other
    with open(first) as file:
        for line in file:
            rows = [part + second for part in line if (seen := part)]
            print(rows, seen)
    def inner(x):
        nonlocal_free = [x, second]
        return nonlocal_free
    return lambda key: inner(key) + rows
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first", "one"),
        ("second", "two"),
        ("file", "f"),
        ("line", "text"),
        ("rows", "made"),
        ("part", "p"),
        ("nonlocal_free", "z"),
    ],
)
def test_a_local_variable_under_another_name_is_no_change(old, new):
    assert of(LOCALS).digest == of(re.sub(rf"\b{old}\b", new, LOCALS)).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first, second =", "second, first ="),
        ("part + second", "part + first"),
        ("[x, second]", "[second, x]"),
        ("(given, other)", "(other, given)"),
        ("open(first)", "open(second)"),
        ("[x, second]", "[x, rows]"),
        ("print(rows, seen)", "print(seen, rows)"),
        ("in line if", "in second if"),
    ],
)
def test_another_variable_in_its_place_is_a_change(old, new):
    assert of(LOCALS).digest != of(LOCALS.replace(old, new)).digest


@pytest.mark.parametrize(
    "text",
    [
        "def run():\n    a = 1\n    return locals()\n",
        "def run(frame):\n    a = 1\n    return frame.query('x > @a')\n",
        "def run():\n    a = 1\n    return eval('a')\n",
        "def run():\n    class C:\n        a = 1\n    return C\n",
        "def run():\n    a = 1\n    return f'{a=}'\n",
        "def run(a):\n    return a\n",
        "def run():\n    def a():\n        return 1\n    return a.__name__\n",
        "a = 1\n\ndef run():\n    global a\n    a = 2\n",
    ],
)
def test_a_name_that_can_be_known_elsewhere_counts(text):
    assert of(text).digest != of(re.sub(r"\ba\b", "b", text)).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 1", "return 1.0"),
        ("return 1", "return True"),
        ("return 1", "return '1'"),
        ("x=1", "x=2"),
        ("x=1", "*, x=1"),
        ("f'{x:d}'", "f'{x:.2f}'"),
        ("F.sum", "F.max"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("SELECT 1", "SELECT 2"),
    ],
)
def test_a_change_that_can_change_a_result_is_seen(old, new):
    text = (
        "from pyspark.sql import functions as F\nLIMIT = 3\nSQL = 'SELECT 1'\n\n"
        "def helper(x=1):\n    return 1, f'{x:d}'\n\n"
        "def run():\n    return helper(LIMIT), F.sum('a'), SQL\n"
    )

    assert of(text).digest != of(text.replace(old, new)).digest


def test_functions_that_call_each_other_have_a_hash():
    text = (
        "def a(n):\n    return n and b(n - 1)\n\ndef b(n):\n    return n and a(n - 2)\n\ndef run():\n    return a(3)\n"
    )

    assert of(text).digest != of(text.replace("n - 2", "n - 1")).digest


def test_a_file_beside_the_module_counts_where_the_code_names_it():
    words = "Path(__file__).parent / 'data' / 'words.yaml'"
    run = f"from pathlib import Path\nWORDS = {words}\n\ndef run():\n    return WORDS\n"
    sources = {"jobs/gold/job.py": run.encode(), "jobs/gold/data/words.yaml": b"a: 1", "jobs/gold/data/other.yaml": b""}

    before = reached(Tree(sources), ["jobs.gold.job.run"])

    other = reached(Tree({**sources, "jobs/gold/data/other.yaml": b"b: 1"}), ["jobs.gold.job.run"])
    words = reached(Tree({**sources, "jobs/gold/data/words.yaml": b"a: 2"}), ["jobs.gold.job.run"])
    assert before.digest == other.digest
    assert before.digest != words.digest


def test_what_was_kept_is_never_wrong(tmp_path: Path):
    sources = {"jobs/gold/job.py": b"def run():\n    return 1\n"}
    changed = {"jobs/gold/job.py": b"def run():\n    return 2\n"}

    def digest(of_sources: dict[str, bytes], folder: Path | None) -> str:
        code = Code(of_sources, folder)
        found = code.reached(("jobs.gold.job.run",)).digest
        code.save()
        return found

    alone = [digest(sources, None), digest(changed, None)]
    assert alone[0] != alone[1]
    for _ in range(2):
        assert [digest(sources, tmp_path), digest(changed, tmp_path)] == alone
    for name in ("code_reach.json", "code_facts.json"):
        for broken in ("", "{", "[]", json.dumps({"x": 1})):
            (tmp_path / name).write_text(broken)
            assert digest(sources, tmp_path) == alone[0]


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path):
    (tmp_path / "file").write_text("")
    code = Code({"jobs/gold/job.py": b"def run():\n    return 1\n"}, tmp_path / "file" / "folder")

    assert code.reached(("jobs.gold.job.run",)).digest
    code.save()


@pytest.mark.parametrize(
    ("text", "said"),
    [(b"def run(:\n", r"jobs/gold/job\.py:1"), (b"\xff", "not Python"), (b"def ran(): ...\n", "no jobs.gold.job.run")],
)
def test_source_that_cannot_be_read_is_named(text, said):
    with pytest.raises(LakehouseError, match=said):
        Code({"jobs/gold/job.py": text}).reached(("jobs.gold.job.run",))
