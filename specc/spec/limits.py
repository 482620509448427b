"""Which numbers an array may hold: what losses, metrics, layers and types of inputs take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

LARGEST = 3.4e38  # of float32, in which both programs compute

Rule = Literal["", "sums", "signs", "ends"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Which numbers an array may hold.

    Attributes:
        low: The least number.
        high: The largest number.
        whole: Whether all are whole.
        also: One more number, outside of these.
        rule: `sums` where the last axis sums to 1; `signs` where -1 and 1 do not stand beside 0;
            `ends` where 0 stands behind the last other number of a row alone.
        members: The only numbers, where there are gaps between them.
        padding: What stands for padding, where no sample may be padding alone.
    """

    low: float = -LARGEST
    high: float = LARGEST
    whole: bool = False
    also: int | None = None
    rule: Rule = ""
    members: tuple[int, ...] | None = None
    padding: float | None = None

    def __and__(self, other: Limits) -> Limits:
        """Return the limits that both keep."""
        extra = [n for n in (self.also, other.also) if n is not None]
        also = [n for n in extra if self._takes(n) and other._takes(n)]
        low, high = max(self.low, other.low), min(self.high, other.high)
        rules = [r for r in (self.rule, other.rule) if r and not (r == "signs" and low >= 0)]
        found = Limits(
            low,
            high,
            self.whole or other.whole,
            None,
            "sums" if "sums" in rules else rules[0] if rules else "",
            self.members if self.members is not None else other.members,
            self.padding if self.padding is not None else other.padding,
        )
        return replace(found, also=also[0]) if also and not found._takes(also[0]) else found

    def _takes(self, number: int) -> bool:
        inside = self.low <= number <= self.high
        return number == self.also or (inside and number in (self.members or (number,)))

    def words(self) -> str:
        """Return what the numbers are, as people say it."""
        also = "" if self.also is None else f", or {self.also}"
        more = "" if self.padding is None else ", no sample of padding alone"
        return self._within() + also + more

    def _within(self) -> str:
        low, high = _number(self.low), _number(self.high)
        if self.members is not None:
            some = ", ".join(map(str, self.members[:5])) + ", ..." * (len(self.members) > 5)
            return f"one of {some}"
        if self.rule == "ends":
            return f"labels from 1 to {high}, with 0 behind the last"
        if self.rule == "signs":
            return "-1 and 1, or 0 and 1"
        if self.rule == "sums":
            return "one-hot rows" if self.whole else "rows of 0 to 1 that sum to 1"
        if self.whole:
            return (
                "0 or 1" if (self.low, self.high) == (0, 1) else f"whole numbers, {low} to {high}"
            )
        if self.high < LARGEST:
            return f"numbers from {low} to {high}"
        return "finite numbers" if self.low == -LARGEST else f"finite numbers of at least {low}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else str(value)


FINITE = Limits()
AT_LEAST_0 = Limits(low=0)
SHARES = Limits(0, 1)
BITS = Limits(0, 1, whole=True)
SIGNS = Limits(-1, 1, whole=True, rule="signs")
DISTRIBUTION = Limits(0, 1, rule="sums")
ONE_HOT = Limits(0, 1, whole=True, rule="sums")
LABELS = Limits(-(2**31), 2**31 - 1, whole=True)


def numbers_below(count: int, also: int | None = None) -> Limits:
    """Return the limits of `count` numbers from 0, and one more."""
    extra = None if also is not None and 0 <= also < count else also
    return Limits(0, count - 1, whole=True, also=extra)


_BITS = {"int8": 7, "int16": 15, "int32": 31}


def of_type(dtype: str) -> Limits:
    """Return the limits of the numbers of a type as a spec names it."""
    if dtype in _BITS:
        return Limits(-(2 ** _BITS[dtype]), 2 ** _BITS[dtype] - 1, whole=True)
    if dtype == "int64":
        # float64, in which numbers are compared, has none between these and those of int64.
        return Limits(-9.2e18, 9.2e18, whole=True)
    if dtype == "float16":
        return Limits(-65504, 65504)
    return {"bool": BITS, "uint8": numbers_below(256)}.get(dtype, FINITE)
