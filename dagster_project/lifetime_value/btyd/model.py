"""The interface of a model of purchases. Belongs here: the protocol. Does not belong here: a formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dagster_project.lifetime_value.btyd.cells import Cells, Floats
from dagster_project.lifetime_value.btyd.counts import Counts


class PurchaseModel(Protocol):
    """A model of when customers buy and leave. `parameters` are in the order of `names`, all > 0; those
    in `times` are in the cells' unit of time, and so are horizons and results. Results are arrays with
    one number per cell."""

    @property
    def family(self) -> str:
        """Its name, e.g. `mbg_nbd`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""

    @property
    def times(self) -> tuple[str, ...]:
        """Which parameters are times."""

    @property
    def starts(self) -> tuple[tuple[float, ...], ...]:
        """Start values of the search, with the mean age as the unit of time."""

    @property
    def highest(self) -> Mapping[str, float]:
        """Upper ends of parameters, with the mean age as the unit of time, beyond which the likelihood hardly
        changes."""

    @property
    def regularity(self) -> int:
        """Events per purchase: above 1, purchases are more regular than by chance."""

    def log_likelihood(self, parameters: Floats, cells: Cells) -> tuple[float, Floats]:
        """Log-likelihood of all customers and its gradient by each parameter."""

    def has_dropout(self, parameters: Floats, cells: Cells) -> bool:
        """Whether customers leave under these parameters."""

    def probability_alive(self, parameters: Floats, cells: Cells) -> Floats:
        """P(alive): the chance that the customer has not left."""

    def expected_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """Expected purchases within the horizon of a customer who is alive."""

    def pairs_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """E[Y (Y - 1)] of their number Y, for a customer who is alive; with the mean it gives the
        variance."""

    def time_to_next(self, parameters: Floats, cells: Cells) -> Floats:
        """Time to the next purchase of a customer who is alive, at the mean rate."""

    def counts(self, parameters: Floats, cells: Cells, horizon: float) -> Counts:
        """Distribution of the number of purchases within the horizon."""
