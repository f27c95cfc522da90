"""conf/life_cycle.yaml, which says what each key means."""

from dataclasses import dataclass

STATES = ("lead", "prospect", "first_time", "repeat", "loyal", "dormant", "lost", "won_back")


@dataclass(frozen=True)
class Silence:
    """How long a silence makes a state: a share of the customer's own gaps that it outlasts, and the limits in days."""

    longer_than_share_of_gaps: float
    at_least_days: int
    at_most_days: int


@dataclass(frozen=True)
class RhythmSettings:
    """When and on how many customers the population's rhythm is fitted."""

    refit_after_days: int
    min_customers: int
    fit_customers: int
    assumed_gap_days: float


@dataclass(frozen=True)
class Settings:
    """All of it; `moves` names the states that may follow each state within a day."""

    dormant: Silence
    lost: Silence
    rhythm: RhythmSettings
    won_back_order_days: int
    loyal_order_days: int
    moves: dict[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Refuse what no customer could live by.

        Raises:
            ConfigError: a share outside 0 to 1, limits in the wrong order, or a state that does not exist.
        """
        for name, silence in (("dormant", self.dormant), ("lost", self.lost)):
            if not 0 < silence.longer_than_share_of_gaps < 1:
                raise self.refused(f"{name}: longer_than_share_of_gaps must lie between 0 and 1")
            if not 0 < silence.at_least_days <= silence.at_most_days:
                raise self.refused(f"{name}: at_least_days must be at least 1 and no more than at_most_days")
        if self.dormant.longer_than_share_of_gaps >= self.lost.longer_than_share_of_gaps:
            raise self.refused("lost must outlast a larger share of gaps than dormant")
        if self.won_back_order_days < 2 or self.loyal_order_days < 2:
            raise self.refused("won_back_order_days and loyal_order_days must be at least 2")
        if unknown := {*self.moves, *(to for after in self.moves.values() for to in after)} - set(STATES):
            raise self.refused(f"moves name states that do not exist: {', '.join(sorted(unknown))}")

    @staticmethod
    def refused(what: str) -> Exception:
        """The message for whoever edits the file; `lakehouse check` reads the classes of this module alone."""
        from lakehouse.errors import ConfigError

        return ConfigError(what, "life_cycle.yaml", f"states are {', '.join(STATES)}")
