"""Chinese customers as shops, apps and call centres write them, with a dozen kinds of fault."""

import pytest

from benchmarks import expected, identity
from benchmarks.chinese_people import chinese_people


@pytest.mark.slow
@pytest.mark.parametrize("seed", [201, 202])
def test_chinese_customers_are_found_through_a_dozen_kinds_of_fault(tmp_path, seed):
    records = tmp_path / "records.parquet"
    chinese_people(2_500, seed).to_parquet(records)

    _, told, (precision, recall) = expected.row_of([records], identity.FORMS / "chinese.yaml", records)

    assert 2 * precision * recall / (precision + recall) >= 0.93
    assert told[0] == pytest.approx(precision, abs=0.05)


def test_the_same_seed_makes_the_same_people():
    assert chinese_people(50, 3).equals(chinese_people(50, 3))
