"""Errors keep all that they say."""

import pickle

import pytest

from lakehouse.errors import ConfigError, ConfigFileError, GateError


@pytest.mark.parametrize(
    "error",
    [
        GateError("3 rows have no key", "silver.orders", "see quarantine"),
        ConfigFileError(
            [ConfigError("no such segment", "audiences.yaml:3"), ConfigError("a blank name", "audiences.yaml:9")]
        ),
    ],
)
def test_an_error_crosses_to_another_process_with_all_its_parts(error):
    there = pickle.loads(pickle.dumps(error))

    assert type(there) is type(error)
    assert (there.what, there.where, there.remedy, str(there)) == (error.what, error.where, error.remedy, str(error))
    assert there.paragraph() == error.paragraph()
