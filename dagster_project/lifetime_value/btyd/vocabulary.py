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


class Method(StrEnum):
    """How orders or money are forecast where no model of the package does, and how money is."""

    NAIVE = "naive"
    """Orders at the customer's rate so far."""
    LAST_YEAR = "last_year"
    """As much as in the year before, or in what there is of it, pro rata."""
    SHRUNK_MEAN = "gamma_gamma"
    """The customer's mean, drawn towards that of all the more, the fewer purchase days it is of."""
    OWN_MEAN = "own_mean"
    """The customer's own mean of a purchase day; that of all for customers without one."""
    SHOP_MEAN = "shop_mean"
    """The mean of all purchase days."""


class Reason(StrEnum):
    """How a customer's score comes about, or why there is none."""

    SCORED = "scored"
    """Scored by the champion, which beat what a person would guess."""
    FALLBACK_NBD = "fallback_no_dropout"
    """Scored by NBD, a model without dropout, as the data show no sign of any."""
    SPEND_NOT_MODELLED = "spend_not_modelled"
    """Orders are forecast; money is computed from observed means and has no interval."""
    INTERVALS_DO_NOT_HOLD = "intervals_do_not_hold"
    """Scored by the champion, whose intervals did not hold what they say in the past: they are left out."""
    NO_MODEL = "no_model"
    """No model could be fitted (see its status): no forecast."""
    NOT_BETTER_THAN_NAIVE = "not_better_than_naive"
    """The model did not beat what a person would guess beyond noise: the guess is published, by its name."""
    HISTORY_TOO_SHORT = "history_too_short"
    """A model was fitted, and there are not three origins in the past to test it on: no forecast."""
