"""What `specc build` and `specc check` may cost.

Best of several runs, as what disturbs a run only adds to it.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.bench_build import CHECK, SMALL, long_spec, measure, measure_build


def test_a_small_spec_costs_at_most_30_times_an_empty_program() -> None:
    spent, unit = measure_build([str(SMALL)], runs=15)
    assert spent / unit <= 35


def test_a_check_costs_at_most_20_times_an_empty_program() -> None:
    spent, unit = measure([*CHECK, str(SMALL)], runs=15)
    assert spent / unit <= 20


def test_a_thousand_layers_cost_at_most_a_second_and_a_half(tmp_path: Path) -> None:
    spent, _ = measure_build([str(long_spec(1000, tmp_path))], runs=3)
    assert spent <= 1.5
