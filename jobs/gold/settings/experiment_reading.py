"""conf/experiment_reading.yaml: how experiments and controls are read (gold.experiment_results)."""

from pydantic import Field

from lakehouse.config.fields import Count, Days, OpenShare, ShareAboveZero, Word
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it; the experiments themselves are files of conf/experiments."""

    salt: Word = Field(description="changes who is in which arm: never change it while anything is measured")
    level: OpenShare = Field(description="of intervals, such as 0.95")
    power: OpenShare = Field(description="probability of seeing relative_effect, for designs and planned ends")
    min_units: Count = Field(description="customers that each arm needs before anything is read")
    message_horizon_days: Days = Field(description="days that count for the control of an audience, trigger or tier")
    likely_effect: ShareAboveZero = Field(description="size of effect that messages may well have, as a share")
    sample_ratio_p_value: OpenShare = Field(description="below this the arms' sizes are wrong, and nothing is read")
