"""What every model of purchases can do. Belongs here: the interface. Does not belong here: a
formula."""

from __future__ import annotations

from typing import Protocol

from dagster_project.lifetime_value.btyd.cells import Cells, Floats
from dagster_project.lifetime_value.btyd.counts import Counts


class PurchaseModel(Protocol):
    """A model of when customers buy and leave. `parameters` are in the order of `names`, all > 0,
    those in `times` in the unit of time of the cells; so are horizons and answers. Arrays answer
    one number a cell."""

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
        """Where to start searching, with the mean age as unit of time."""

    def log_likelihood(self, parameters: Floats, cells: Cells) -> tuple[float, Floats]:
        """Log-likelihood of all customers and its gradient by each parameter."""

    def has_dropout(self, parameters: Floats, cells: Cells) -> bool:
        """Whether the parameters say that anybody leaves."""

    def probability_alive(self, parameters: Floats, cells: Cells) -> Floats:
        """P(will buy again if given the time)."""

    def expected_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """Expected purchases within the horizon of those alive."""

    def pairs_if_alive(self, parameters: Floats, cells: Cells, horizon: float) -> Floats:
        """E[Y (Y - 1)] of their number Y: with the mean it gives the variance."""

    def time_to_next(self, parameters: Floats, cells: Cells) -> Floats:
        """Time to the next purchase of those alive, at their mean rate."""

    def counts(self, parameters: Floats, cells: Cells, horizon: float) -> Counts:
        """Distribution of the number of purchases within the horizon."""
