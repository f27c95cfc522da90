"""What `new-export` makes of a column that says when a row was last changed."""

import pytest
import yaml

from tests.lakehouse.authoring.test_new_export_kinds import AMOUNTS, DAYS, tried


def rows(changed: list[str]) -> list[str]:
    return [
        f"{1000 + at},{day},{when},K{at % 7},{amount}"
        for at, (day, when, amount) in enumerate(zip(DAYS, changed, AMOUNTS, strict=True))
    ]


@pytest.mark.parametrize("name", ["Updated At", "last-updated-date", "Zuletzt geändert", "更新时间", "Date modified"])
def test_the_row_that_was_changed_last_counts_whatever_day_it_is_delivered(tmp_path, name):
    made = tried(
        tmp_path, [f"Order No,Order Date,{name},Customer No,Total", *rows([f"{day} 10:00:00" for day in DAYS])]
    )

    assert made.export.version == name


def test_a_change_in_a_form_of_its_own_is_read_by_its_pattern(tmp_path):
    changed = [f"{day[8:]}.03.2024 10:00" for day in DAYS]

    made = tried(tmp_path, ["Order No,Order Date,Geändert am,Customer No,Total", *rows(changed)])

    assert "dd.MM.yyyy" in made.export.version or "d.M.yyyy" in made.export.version


def test_a_change_that_only_some_rows_have_says_nothing_of_the_others(tmp_path):
    changed = [day if at % 2 else "" for at, day in enumerate(DAYS)]

    made = tried(tmp_path, ["Order No,Order Date,Updated At,Customer No,Total", *rows(changed)])

    assert "version" not in yaml.safe_load(made.made.text)
