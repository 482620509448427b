"""CPU time of `specc build` and `specc check` in units of `python -c pass`, side by side.

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
# Compiles twice and prints what the second time costs, when everything is imported.
WARM = """
import sys, time
from specc.pipeline import compile_bytes
data = open(sys.argv[1], "rb").read()
compile_bytes(data, "spec.yaml")
begin = time.process_time()
for _ in range(5):
    compile_bytes(data, "spec.yaml")
print((time.process_time() - begin) / 5)
"""
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


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


def warm_seconds(spec: Path) -> float:
    """Return the CPU seconds of both programs in a process that has compiled the spec before."""
    command = [sys.executable, "-c", WARM, str(spec)]
    return min(float(subprocess.check_output(command, cwd=ROOT)) for _ in range(3))


def peak_megabytes(spec: Path) -> float:
    """Return the memory that a build of both programs takes at most."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", PEAK, *BUILD, str(spec), "-o", folder]
        return int(subprocess.check_output(command, cwd=ROOT)) / 1024


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


def repository(specs: int, folder: Path) -> None:
    """Make a repository of so many specs of 20 layers."""
    (folder / "specs").mkdir()
    text = long_spec(20, folder).read_text(encoding="utf-8")
    for number in range(specs):
        spec = text.replace("long_net", f"net_{number}").replace(
            "units: 64", f"units: {number + 1}"
        )
        (folder / "specs" / f"net_{number}.yaml").write_text(spec, encoding="utf-8")
    settings = '[tool.specc]\nspecs = ["specs/*.yaml"]\noutput = "out"\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")


def measure_repository(specs: int) -> tuple[float, float]:
    """Return the CPU seconds of a build from nothing, and of one when nothing changed."""
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        repository(specs, Path(folder))
        os.chdir(folder)
        try:
            return cpu_seconds(BUILD), min(cpu_seconds(BUILD) for _ in range(3))
        finally:
            os.chdir(here)


def main() -> None:
    """Print one line for each case."""
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        small, twenty = str(SMALL), long_spec(20, Path(folder))
        long, longest = long_spec(1000, Path(folder)), long_spec(10_000, Path(folder))
        cases = {
            "specc --version": measure([*BUILD[:-1], "--version"], 10),
            "small spec, check": measure([*CHECK, small], 10),
            "small spec, both targets": measure_build([small], 10),
            "small spec, torch": measure_build([small, "--target", "torch"], 10),
            "small spec, keras": measure_build([small, "--target", "keras"], 10),
            "small spec, unchanged": measure_build([small], 10, again=True),
            "1,000 layers, both targets": measure_build([str(long)], 3),
            "1,000 layers, unchanged": measure_build([str(long)], 3, again=True),
            "10,000 layers, both targets": measure_build([str(longest)], 2),
        }
        built, unchanged = measure_repository(1000)
        warm, peak = warm_seconds(twenty), peak_megabytes(longest)
    for title, (spent, unit) in cases.items():
        print(f"{title:28} {spent / unit:6.1f} units  {spent:6.3f} s  (unit {unit:.4f} s)")
    growth = cases["10,000 layers, both targets"][0] / cases["1,000 layers, both targets"][0]
    print(f"10,000 layers cost {growth:.1f} times 1,000, and {peak:.0f} MB")
    print(f"1,000 specs of 20 layers cost {built:.1f} s from nothing, {unchanged:.2f} s unchanged")
    print(f"20 layers cost {warm * 1000:.1f} ms in a warm process")


if __name__ == "__main__":
    main()
