"""Steps run once, and again only when what they depend on has changed."""

import pytest

from lakehouse.errors import MachineError
from lakehouse.setup.places import Places
from lakehouse.setup.progress import Step, pending, run


def step(places, name, after=None, act=None):
    result = places.root / f"{name}.made"

    def make(_places):
        result.write_text("made")
        return "made"

    return Step(name, f"Make {name}", (places.root / f"{name}.in",), (result,), act or make, after)


@pytest.fixture
def places(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.in").write_text("1")
    return Places(tmp_path)


def names(steps, places):
    return [step.name for step in pending(steps, places)]


def test_a_done_step_is_not_repeated(places):
    steps = [step(places, "a"), step(places, "b", after="a")]
    run(pending(steps, places), places, say=lambda line: None)
    assert names(steps, places) == []


def test_a_changed_input_repeats_the_step_and_what_comes_after_it(places):
    steps = [step(places, "a"), step(places, "b", after="a")]
    run(steps, places, say=lambda line: None)
    (places.root / "a.in").write_text("2")
    assert names(steps, places) == ["a", "b"]


def test_a_lost_result_repeats_the_step(places):
    steps = [step(places, "a"), step(places, "b")]
    run(steps, places, say=lambda line: None)
    (places.root / "b.made").unlink()
    assert names(steps, places) == ["b"]


def test_a_failed_step_stops_what_waits_for_it_and_is_repeated_next_time(places):
    def fail(_places):
        raise MachineError("no network", "log", "connect")

    steps = [step(places, "a", act=fail), step(places, "b", after="a")]
    with pytest.raises(MachineError, match="no network"):
        run(steps, places, say=lambda line: None)
    assert names(steps, places) == ["a", "b"]


def test_each_step_says_which_of_how_many_it_is(places):
    said: list[str] = []
    run([step(places, "a"), step(places, "b", after="a")], places, say=said.append)
    assert said[0] == "[1/2] Make a ..."
    assert said[-1].startswith("[2/2] Make b: made (")
