"""The words in which the package says what it did and what it could not do. Belongs here: closed
lists, with what each word means. Does not belong here: when a word applies; that is decided where
the fact arises."""

from __future__ import annotations

from enum import StrEnum


class Component(StrEnum):
    """What a model is of."""

    PURCHASES = "purchases"
    SPEND = "spend"


class Status(StrEnum):
    """How a fit ended. Only `OK` may become champion."""

    OK = "ok"
    TOO_FEW_CUSTOMERS = "too_few_customers"
    """Fewer customers than a fit can be trusted with."""
    TOO_FEW_REPEATS = "too_few_repeats"
    """Hardly anybody came back: rate and dropout cannot be told apart."""
    NO_DROPOUT = "no_dropout"
    """The likelihood is highest where nobody ever leaves: fall back to NBD."""
    INFINITE_MEAN = "infinite_mean"
    """Gamma-Gamma with q <= 1 has no mean: fall back to observed means."""
    NOT_CONVERGED = "not_converged"
    """The search ended where the likelihood still rises."""


class Reason(StrEnum):
    """Why a customer's score is as it is."""

    SCORED = "scored"
    """By the champion, which beat the naive forecast."""
    FALLBACK_NBD = "fallback_no_dropout"
    """By a model in which nobody leaves, for lack of any sign that somebody does."""
    SPEND_NOT_MODELLED = "spend_not_modelled"
    """Orders are forecast; money by observed means, without an interval."""
    NO_MODEL = "no_model"
    """No model could be fitted (see its status): no forecast."""
    NOT_BETTER_THAN_NAIVE = "not_better_than_naive"
    """Models were fitted and none beat the naive forecast: no forecast."""
