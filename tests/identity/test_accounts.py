"""Fields that keys and vetoes name."""

import dataclasses

import pytest

from jobs.identity.configuration.settings import Settings, Veto
from jobs.identity.persistent_ids import accounts
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError

CONF = Conf().settings("identity", Settings)


def test_a_veto_on_a_field_that_no_record_has_is_refused_with_the_nearest():
    odd = dataclasses.replace(CONF.evidence, vetoes={"x": Veto({"nationl_id": 1})})
    with pytest.raises(ConfigError, match="did you mean 'national_id'"):
        accounts.check_fields(dataclasses.replace(CONF, evidence=odd), ["phone", "email", *CONF.evidence.keys])
