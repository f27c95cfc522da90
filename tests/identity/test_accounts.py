"""Fields that keys and cannot-link rules name."""

import pytest

from jobs.identity.persistent_ids import accounts
from jobs.identity.settings.identity import CannotLinkRule, Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError

CONF = Conf().settings("identity", Settings)


def test_a_cannot_link_rule_on_a_field_that_no_record_has_is_refused_with_the_nearest():
    odd = CONF.evidence.replace(vetoes={"x": CannotLinkRule(differ={"nationl_id": 1})})
    with pytest.raises(ConfigError, match="did you mean 'national_id'"):
        accounts.check_fields(CONF.replace(evidence=odd), ["phone", "email", *CONF.evidence.keys])
