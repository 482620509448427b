"""What `specc build` and `specc check` may cost, in units of `python -c pass`.

Best of several runs in turns, as what disturbs a run only adds to it. Measured: a small build 17
units, a check 14, an unchanged build 1.2; the limits leave room for a machine that does more.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.bench_build import (
    CHECK,
    SMALL,
    long_spec,
    measure,
    measure_build,
    measure_repository,
    peak_megabytes,
)


def test_a_small_spec_costs_at_most_20_units() -> None:
    spent, unit = measure_build([str(SMALL)], runs=25)
    assert spent / unit <= 20


def test_a_check_costs_at_most_15_units_and_a_bit() -> None:
    spent, unit = measure([*CHECK, str(SMALL)], runs=25)
    assert spent / unit <= 16


def test_an_unchanged_build_costs_at_most_one_and_a_half() -> None:
    spent, unit = measure_build([str(SMALL)], runs=15, again=True)
    assert spent / unit <= 1.5


def test_a_thousand_layers_cost_at_most_a_second(tmp_path: Path) -> None:
    spent, _ = measure_build([str(long_spec(1000, tmp_path))], runs=3)
    assert spent <= 1.0


def test_ten_thousand_layers_cost_ten_times_as_much(tmp_path: Path) -> None:
    long, longest = long_spec(1000, tmp_path), long_spec(10_000, tmp_path)
    least, most = (measure_build([str(path)], runs=2)[0] for path in (long, longest))
    assert most <= 10
    assert most / least <= 12
    assert peak_megabytes(longest) <= 400


def test_a_repository_of_a_hundred_specs() -> None:
    built, unchanged = measure_repository(100)
    assert built <= 3
    assert unchanged <= 0.3
