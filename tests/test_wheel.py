"""The wheel holds what it needs and nothing else, and builds a spec where no checkout is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import specc
from specc.start import examples

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "digits_mlp.yaml"


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command as a user would who has no checkout, and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    (found,) = folder.iterdir()
    return found


def test_wheel_holds_the_package_its_templates_and_examples_alone(wheel: Path) -> None:
    # What git neither tracks nor would track has no business in it.
    listed = ["--cached", "--others", "--exclude-standard", "--deduplicate"]
    ours = run("git", "ls-files", *listed, "specc", "templates").split()
    expected = {name.replace("templates/", "specc/templates/", 1) for name in ours}
    expected |= {f"specc/specs/{example.name}.yaml" for example in examples()}
    assert "specc/templates/torch/program.py.jinja" in expected
    names = zipfile.ZipFile(wheel).namelist()
    about = f"specc-{specc.__version__}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == expected
    assert {name for name in names if name.startswith(about)} == {
        about + name
        for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }


def test_installing_pulls_little(wheel: Path) -> None:
    metadata = f"specc-{specc.__version__}.dist-info/METADATA"
    lines = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    needed = [line for line in lines if line.startswith("Requires-Dist") and "extra" not in line]
    names = {line.split()[1].partition(">")[0].partition("<")[0] for line in needed}
    assert names == {"black", "pydantic", "pyyaml", "shtab", "tqdm", "watchfiles"}


def test_wheel_builds_a_spec_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    programs = tmp_path / "environment" / ("Scripts" if os.name == "nt" else "bin")
    run(sys.executable, "-m", "venv", programs.parent)
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    run(programs / "specc", "init", "--from", SPEC.stem, cwd=tmp_path)
    assert (tmp_path / SPEC.name).read_bytes() == SPEC.read_bytes()
    run(programs / "specc", "build", SPEC.name, "-o", "out", cwd=tmp_path)
    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert written == specc.compile(SPEC).files
