"""Kills builds at random moments and looks at what is left: every file is whole, old or new.

    python tests/kill_builds.py FOLDER COUNT SEED

Two builds run at once and write the same programs. Run in a process of its own, as it forks.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from specc.cli import main
from specc.header import read_header

SPEC = """\
name: net
seed: {seed}
input: {{shape: [64]}}
layers:
{layers}
optimizer: sgd
loss: mse
training: {{epochs: 1}}
"""


def start(folder: Path) -> int:
    """Begin a build in a process of its own and return its number."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os._exit(main(["build", str(folder / "net.yaml"), "-o", str(folder / "out")]))
    return child


def check(folder: Path, whole: dict[str, set[bytes]]) -> None:
    """Raise where a program is neither an old nor a new one."""
    for path in (folder / "out").glob("*.py"):
        data = path.read_bytes()
        found = read_header(data)
        assert found is not None, path
        assert not found.edited, path
        assert data in whole[path.name], path


def run(folder: Path, count: int, seed: int) -> int:
    """Kill so many builds; return how many of them were at work."""
    draw = random.Random(seed)
    layers = "\n".join(["  - dense: {units: 64, activation: relu}"] * 30)
    whole: dict[str, set[bytes]] = {"net_torch.py": set(), "net_keras.py": set()}
    lengths = []
    for number in range(2):
        (folder / "net.yaml").write_text(SPEC.format(seed=number, layers=layers))
        begun = time.monotonic()
        assert main(["build", str(folder / "net.yaml"), "-o", str(folder / "out")]) == 0
        lengths.append(time.monotonic() - begun)
        for name, texts in whole.items():
            texts.add((folder / "out" / name).read_bytes())
    killed = 0
    for turn in range(count):
        (folder / "net.yaml").write_text(SPEC.format(seed=turn % 2, layers=layers))
        children = [start(folder), start(folder)]
        time.sleep(draw.uniform(0, 2 * min(lengths)))
        for child in children:
            os.kill(child, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        check(folder, whole)
    return killed


if __name__ == "__main__":
    print("killed", run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
