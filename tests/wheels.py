"""The wheel of this checkout, and commands as a user runs them who has no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*command: str | Path, cwd: Path = ROOT, given: str = "") -> str:
    """Run a command as a user would who has no checkout, and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into an empty folder and return its file."""
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    (found,) = folder.iterdir()
    return found


def install(wheel: Path, folder: Path) -> None:
    """Install a wheel alone into a folder, which is to stand in PYTHONPATH."""
    options = ["--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    run(sys.executable, "-m", "pip", "install", *options, wheel)
