"""The codes of forecasts: reasons, and what a candidate is. Belongs here: closed lists with the meaning of
each code, for tables that need no numerics. Does not belong here: when a code applies (`gate.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEVEL = 0.8
"""Share of outcomes that an interval promises to hold."""
LEAST, MOST = 0.75, 0.85
"""The share that intervals must have held in the backtest."""
LEAST_ORIGINS = 3
"""Fewer origins judge nothing: neither a candidate nor a month ahead."""


class Reason(StrEnum):
    """Why a number is published, or why it is not."""

    FORECAST = "forecast"
    """Published: the best candidate of the backtest, with intervals that held."""
    HISTORY_TOO_SHORT = "history_too_short"
    """Fewer than three origins have a later month to be judged by."""
    HORIZON_NOT_BACKTESTED = "horizon_not_backtested"
    """Fewer than three origins have a month that many months later."""
    NEVER_VARIED = "never_varied"
    """The number was the same in every month, e.g. a stage that nobody is ever in: nothing to forecast."""
    WORSE_THAN_BASELINE = "worse_than_baseline"
    """In this series a simple baseline was better than the chosen candidate, beyond noise."""
    INTERVALS_DO_NOT_HOLD = "intervals_do_not_hold"
    """Intervals held fewer or more of the outcomes than they say."""
    NOT_CHOSEN = "not_chosen"
    """Of a candidate: another one is published."""


@dataclass(frozen=True)
class Candidate:
    """One way to forecast. Candidates are listed from the simplest to the most complex.

    Attributes:
        name: as it is served.
        is_baseline: whether anybody would guess so without a model.
        months: whole months that it learns from at least. With fewer it forecasts as a simpler candidate.
    """

    name: str
    is_baseline: bool
    months: int = 1
