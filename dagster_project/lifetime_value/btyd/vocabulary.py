"""The codes that the package reports: components, statuses and reasons. Belongs here: closed lists, with
the meaning of each code. Does not belong here: when a code applies."""

from __future__ import annotations

from enum import StrEnum


class Component(StrEnum):
    """What a model describes."""

    PURCHASES = "purchases"
    SPEND = "spend"


class Status(StrEnum):
    """How a fit ended. Only `OK` may become champion."""

    OK = "ok"
    TOO_FEW_CUSTOMERS = "too_few_customers"
    """There are too few customers for a reliable fit."""
    TOO_FEW_REPEATS = "too_few_repeats"
    """Hardly any customer came back: purchase rate and dropout cannot be separated."""
    NO_DROPOUT = "no_dropout"
    """The likelihood is highest without dropout: fall back to NBD."""
    INFINITE_MEAN = "infinite_mean"
    """Gamma-Gamma with q <= 1 has no mean: fall back to observed means."""
    NOT_CONVERGED = "not_converged"
    """The search ended while the likelihood still rose."""


class Reason(StrEnum):
    """How a customer's score comes about, or why there is none."""

    SCORED = "scored"
    """Scored by the champion, which beat the naive forecast."""
    FALLBACK_NBD = "fallback_no_dropout"
    """Scored by NBD, a model without dropout, as the data show no sign of any."""
    SPEND_NOT_MODELLED = "spend_not_modelled"
    """Orders are forecast; money is computed from observed means and has no interval."""
    NO_MODEL = "no_model"
    """No model could be fitted (see its status): no forecast."""
    NOT_BETTER_THAN_NAIVE = "not_better_than_naive"
    """Models were fitted, and none beat the naive forecast: no forecast."""
