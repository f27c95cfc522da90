"""Names that conditions compare columns with: an RFM segment that nothing defines is nobody's, and says nothing."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from jobs.gold.settings.customer_rfm import Settings as RfmSettings
from jobs.gold.settings.life_cycle import STATES
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.sql import expressions

Names = Mapping[str, tuple[str, ...]]  # column -> the values that it can have


def names_of(conf: Conf) -> Names:
    """The columns whose values are defined in conf/; what is wrong with customer_rfm.yaml is told of that file."""
    try:
        rfm = conf.settings("customer_rfm", RfmSettings)
    except ConfigError:
        return {"state": STATES}
    return {"rfm_segment": (*(one.segment for one in rfm.segments), rfm.other_segment), "state": STATES}


def unknown_names(sql: str, names: Names) -> Iterator[tuple[str, str]]:
    """What, remedy: each text that a column is compared with and can never have."""
    try:
        tree = expressions.parse(sql)
    except ConfigError:
        return  # told elsewhere
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.In):
        sides = [node.this, *node.expressions] if isinstance(node, exp.In) else [node.this, node.expression]
        columns = [side.name.lower() for side in sides if isinstance(side, exp.Column)]
        known = next((names[column] for column in columns if column in names), None)
        if known is None:
            continue
        texts = [str(side.this) for side in sides if isinstance(side, exp.Literal) and side.is_string]
        for text in (text for text in texts if text not in known):
            yield f"no customer has the {columns[0]} '{text}'", nearest(text, known)
