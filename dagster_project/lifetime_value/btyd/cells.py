"""What models are fitted to: cells, that is distinct purchase histories with the number of customers who
have each. Belongs here: the checked arrays and how cells are made from customers. Does not belong
here: any model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def checked(name: str, values: ArrayLike) -> Floats:
    """One finite column of numbers. Raises ValueError otherwise; the message holds no values."""
    array = np.array(values, dtype=np.float64, ndmin=1)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {array.ndim}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds values that are not finite")
    array.setflags(write=False)
    return array


def distinct(*columns: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct rows of these columns: the index of one occurrence of each, and for every row the
    number of its distinct row."""
    order = np.lexsort(columns[::-1])
    is_new = np.ones(len(order), dtype=bool)
    if len(order):
        is_new[1:] = np.any([np.diff(column[order]) != 0 for column in columns], axis=0)
    group = np.empty(len(order), dtype=np.intp)
    group[order] = np.cumsum(is_new) - 1
    return order[is_new], group


def weighted_sums(weight: Floats, each: Floats, gradient: Floats) -> tuple[float, Floats]:
    """Weighted sums over cells. BLAS is avoided: its sums depend on the number of threads."""
    return float((weight * each).sum()), (weight * gradient).sum(axis=-1)


def _refuse(broken: NDArray[np.bool_], rule: str) -> None:
    if broken.any():
        raise ValueError(f"{int(broken.sum())} cells break the rule: {rule}")


@dataclass(frozen=True, eq=False)
class Cells:
    """Purchase histories and the number of customers who have each. Time may be in any unit, as long as
    it is the same throughout.

    Attributes:
        frequency: distinct purchase days after the first; x >= 0, a whole number.
        recency: time from the first to the last purchase, tx (in a bucket, the mean).
        age: time from the first purchase to the end of observation, T (in a bucket, the mean).
        weight: customers in the cell, > 0; by default 1.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats

    def __init__(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        weight: ArrayLike | None = None,
    ) -> None:
        columns = {"frequency": frequency, "recency": recency, "age": age}
        columns["weight"] = np.ones(np.size(frequency)) if weight is None else weight
        for name, values in columns.items():
            object.__setattr__(self, name, checked(name, values))
        if len({len(column) for column in (self.frequency, self.recency, self.age)}) != 1 or len(
            self.weight
        ) != len(self.frequency):
            raise ValueError("the columns of the cells differ in length")
        _refuse((self.frequency < 0) | (self.frequency % 1 != 0), "frequency is 0, 1, 2, ...")
        _refuse((self.recency < 0) | (self.recency > self.age), "0 <= recency <= age")
        _refuse((self.frequency == 0) & (self.recency != 0), "no recency without frequency")
        _refuse(self.weight <= 0, "weight > 0")

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def customers(self) -> float:
        """Customers in all cells."""
        return float(self.weight.sum())

    @cached_property
    def mean_age(self) -> float:
        """Mean age of a customer; 1 where all ages are 0, so that it can be used as a unit."""
        mean = float((self.weight * self.age).sum()) / self.customers if len(self) else 0.0
        return mean if mean > 0 else 1.0

    @cached_property
    def purchases(self) -> float:
        """Repeat purchases of all customers."""
        return float((self.weight * self.frequency).sum())

    def in_units_of(self, unit: float) -> Cells:
        """The same cells with time measured in `unit`, e.g. 7 turns days into weeks."""
        recency = np.minimum(self.recency / unit, self.age / unit)
        return Cells(self.frequency, recency, self.age / unit, self.weight)

    def taken(self, rows: slice | NDArray[np.intp]) -> Cells:
        """Some of the cells."""
        return Cells(self.frequency[rows], self.recency[rows], self.age[rows], self.weight[rows])

    @cached_property
    def by_frequency(self) -> tuple[Floats, NDArray[np.intp]]:
        """The frequencies that occur, and which of them each cell has."""
        found, place = np.unique(self.frequency, return_inverse=True)
        return found, place

    @cached_property
    def by_age(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """`distinct` frequencies and ages: the expectation for a customer who is alive depends on these
        alone."""
        return distinct(self.frequency, self.age)

    def gathered(self) -> tuple[Cells, NDArray[np.intp]]:
        """Equal cells merged into one, and for each of the old cells the number of its new cell."""
        return self._grouped(self.recency, self.age)

    def bucketed(self, width: float) -> tuple[Cells, NDArray[np.intp]]:
        """Cells of equal frequency whose recency and age fall into the same buckets of this width, merged
        into one with the **mean** recency and age (the lower edges would bias the fit); and for each cell
        the number of its bucket."""
        return self._grouped(np.floor(self.recency / width), np.floor(self.age / width))

    def _grouped(self, recency: Floats, age: Floats) -> tuple[Cells, NDArray[np.intp]]:
        first, group = distinct(self.frequency, recency, age)
        weight = np.bincount(group, self.weight)
        means = [
            np.bincount(group, self.weight * column) / weight for column in (self.recency, self.age)
        ]
        # A mean of equal numbers may differ from them by a rounding error.
        is_single = np.bincount(group) == 1
        recency, age = (
            np.where(is_single, column[first], mean)
            for column, mean in zip((self.recency, self.age), means, strict=True)
        )
        return Cells(self.frequency[first], np.minimum(recency, age), age, weight), group


@dataclass(frozen=True, eq=False)
class SpendCells:
    """Spend histories and the number of customers who have each; only customers who spent something.

    Attributes:
        frequency: purchase days with a day total above 0, which `monetary_value` is the mean of; >= 1.
        monetary_value: mean of those day totals, > 0, in one currency.
        weight: customers in the cell, > 0; by default 1.
    """

    frequency: Floats
    monetary_value: Floats
    weight: Floats

    def __init__(
        self, frequency: ArrayLike, monetary_value: ArrayLike, weight: ArrayLike | None = None
    ) -> None:
        columns = {"frequency": frequency, "monetary_value": monetary_value}
        columns["weight"] = np.ones(np.size(frequency)) if weight is None else weight
        for name, values in columns.items():
            object.__setattr__(self, name, checked(name, values))
        if not len(self.frequency) == len(self.monetary_value) == len(self.weight):
            raise ValueError("the columns of the cells differ in length")
        _refuse(self.frequency < 1, "frequency >= 1")
        _refuse(self.monetary_value <= 0, "monetary_value > 0")
        _refuse(self.weight <= 0, "weight > 0")

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def customers(self) -> float:
        """Customers in all cells."""
        return float(self.weight.sum())

    @cached_property
    def mean_value(self) -> float:
        """Mean spend of a purchase day, over all purchase days; 1 where there is none."""
        days = self.weight * self.frequency
        return float((days * self.monetary_value).sum() / days.sum()) if len(self) else 1.0

    @cached_property
    def correlation(self) -> float:
        """Correlation of frequency and monetary value, which Gamma-Gamma assumes to be 0; 0 where either
        is constant."""
        if not len(self):
            return 0.0
        share = self.weight / self.customers
        columns = (self.frequency, self.monetary_value)
        days, value = (column - (share * column).sum() for column in columns)
        spread = float(np.sqrt((share * days**2).sum() * (share * value**2).sum()))
        return float((share * days * value).sum()) / spread if spread > 0 else 0.0

    def in_units_of(self, unit: float) -> SpendCells:
        """The same cells with money measured in `unit`."""
        return SpendCells(self.frequency, self.monetary_value / unit, self.weight)
