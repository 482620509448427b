"""CPU time of `specc build` and `specc check` in units of `python -c pass`, measured side by side.

    python tests/benchmarks/bench_build.py

A unit is what starting Python costs on the machine at that moment, so that figures of different
machines and days can be compared. Each figure is the best of several runs: what disturbs a run
only ever adds to it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "specs" / "digits_mlp.yaml"
EMPTY = [sys.executable, "-c", "pass"]
BUILD = [sys.executable, "-m", "specc", "build"]
CHECK = [sys.executable, "-m", "specc", "check"]


def cpu_seconds(command: list[str]) -> float:
    """Return the CPU time, user and system, that a command takes.

    Python may keep compiled modules, as it does for every installed package.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Return the least CPU seconds of a command and of the empty program, run in turns."""
    pairs = [(cpu_seconds(command), cpu_seconds(EMPTY)) for _ in range(runs)]
    return min(spent for spent, _ in pairs), min(unit for _, unit in pairs)


def measure_build(arguments: list[str], runs: int, again: bool = False) -> tuple[float, float]:
    """Return what `measure` does of builds, each into a new folder.

    Arguments:
        again: Whether the folder holds the programs of the same build already.
    """
    pairs = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            command = [*BUILD, *arguments, "-o", folder]
            if again:
                cpu_seconds(command)
            pairs.append(measure(command, 1))
    return min(spent for spent, _ in pairs), min(unit for _, unit in pairs)


def long_spec(layers: int, folder: Path) -> Path:
    """Write a spec of so many layers and return its path."""
    lines = [
        "name: long_net",
        "input: {shape: [64]}",
        "layers:",
        *["  - dense: {units: 64, activation: relu, kernel_initializer: he_normal}"] * layers,
        "optimizer: adam",
        "loss: mse",
        "training: {epochs: 1}",
    ]
    path = folder / f"long_{layers}.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Print one line for each case."""
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        small, long = str(SMALL), str(long_spec(1000, Path(folder)))
        cases = {
            "specc --version": measure([*BUILD[:-1], "--version"], 10),
            "small spec, both targets": measure_build([small], 10),
            "small spec, torch": measure_build([small, "--target", "torch"], 10),
            "small spec, keras": measure_build([small, "--target", "keras"], 10),
            "small spec, check": measure([*CHECK, small], 10),
            "small spec, unchanged": measure_build([small], 10, again=True),
            "1,000 layers, both targets": measure_build([long], 3),
            "1,000 layers, unchanged": measure_build([long], 3, again=True),
        }
    for title, (spent, unit) in cases.items():
        print(f"{title:28} {spent / unit:6.1f} units  {spent:6.3f} s  (unit {unit:.4f} s)")


if __name__ == "__main__":
    main()
