"""The wheel holds what it needs and nothing else, and a first hour with it works, where no checkout
is: what `specc init` prints is done as it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import specc
from specc.start import examples

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "digits_mlp.yaml"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def run(*command: str | Path, cwd: Path = ROOT, given: str = "") -> str:
    """Run a command as a user would who has no checkout, and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, input=given, capture_output=True, text=True, check=False
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
    data = [path.name for path in (ROOT / "specs" / "data").iterdir()]
    assert {"README.md", "digits.npz", "digits_images.npz"} == set(data)
    expected |= {f"specc/specs/data/{name}" for name in data}
    assert "specc/templates/torch/training/main.py.jinja" in expected
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
    programs = tmp_path / "environment" / SCRIPTS
    run(sys.executable, "-m", "venv", programs.parent)
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    (tmp_path / "specs").mkdir()
    run(programs / "specc", "init", "--from", SPEC.stem, cwd=tmp_path)
    assert (tmp_path / "specs" / SPEC.name).read_bytes() == SPEC.read_bytes()
    run(programs / "specc", "build", f"specs/{SPEC.name}", "-o", "out", cwd=tmp_path)
    written = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert written == specc.compile(SPEC).files


# The first hour

# What plays commands of specc in one process, each in the folder that it names: JSON in, JSON out.
PLAY = """
import contextlib, io, json, os, sys
from specc.cli import main
assert main.__code__.co_filename.startswith(sys.prefix), main.__code__.co_filename
results = []
for folder, command in json.load(sys.stdin):
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(command)
    results.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(results))
"""


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the commands of an environment are that has the wheel, and the frameworks."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / SCRIPTS / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    run(sys.executable, "-m", "pip", "--python", python, *install)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # Behind its own packages come those of the tests, of which a checkout is none.
    theirs = [path for path in sys.path if Path(path).name.endswith("-packages")]
    (Path(packages) / "tests.pth").write_text("".join(f"{path}\n" for path in theirs))
    return folder / SCRIPTS


def play(environment: Path, commands: list[tuple[Path, list[str]]]) -> list[str]:
    """Carry out commands of specc, each in a folder, and return what each prints."""
    given = json.dumps([(str(folder), command) for folder, command in commands])
    printed = run(environment / "python", "-c", PLAY, cwd=commands[0][0].parent, given=given)
    told = []
    for (_, command), (status, out, err) in zip(commands, json.loads(printed), strict=True):
        assert status == 0, f"{command}: {out}{err}"
        told.append(out)
    return told


def next_commands(told: str) -> list[list[str]]:
    """Return the commands that `specc init` prints at its end."""
    return [shlex.split(line) for line in told.split("next:\n")[1].splitlines()]


def test_each_example_is_started_built_and_has_data(environment: Path, tmp_path: Path) -> None:
    listed = run(environment / "specc", "init", "--list", cwd=tmp_path)
    names = [line.split()[0] for line in listed.splitlines()]
    assert names == [example.name for example in examples()]
    folders = [tmp_path / name for name in names]
    started = play(environment, [(f, ["init", "--from", f.name]) for f in folders])
    then, runs = [], []
    for folder, told in zip(folders, started, strict=True):
        *ours, last = next_commands(told)
        assert ours[0][:2] == ["specc", "build"]
        fewer = {"sample": ["--rows", "4"]}
        then += [(folder, [*command[1:], *fewer.get(command[1], [])]) for command in ours]
        runs.append((folder, last))
    play(environment, then)
    for folder, (python, program, *options) in runs:
        assert python == "python"
        text = (folder / program).read_text(encoding="utf-8")
        data = re.findall(r'^(?:TEST_)?DATA = "(.*)"$', text, flags=re.MULTILINE)
        data += [options[options.index("--data") + 1]] if "--data" in options else []
        assert bool(data) == ("def read_arrays" in text)
        assert all((folder / path).is_file() for path in data)


@pytest.mark.frameworks
@pytest.mark.parametrize(
    ("target", "names"),
    [("torch", ["digits_mlp", "lenet5", "logistic_regression"]), ("keras", ["digits_cnn"])],
)
def test_examples_run(target: str, names: list[str], environment: Path, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in names]
    started = play(environment, [(f, ["init", "--from", f.name]) for f in folders])
    commands = [next_commands(told) for told in started]
    ours = [(f, c[1:]) for f, found in zip(folders, commands, strict=True) for c in found[:-1]]
    play(environment, ours)
    jobs: list[dict[str, Any]] = []
    for folder, found in zip(folders, commands, strict=True):
        _, program, *options = found[-1]
        path = str(folder / program.replace("_torch", f"_{target}"))
        once = [] if "--epochs" in options else ["--epochs", "1"]
        job = {"path": path, "arguments": [*options, *once], "folder": str(folder), "saved": None}
        jobs.append(job)
    results = tmp_path / "results.json"
    script = ROOT / "tests" / "run_programs.py"
    run(environment / "python", "-P", script, target, results, given=json.dumps(jobs))
    for name, found in zip(names, json.loads(results.read_text()), strict=True):
        assert "error" not in found, f"{name}: {found['error']}"
        assert "Test - " in found["printed"]


def test_a_repository_builds_and_is_checked(environment: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    run("git", "init", "--quiet", cwd=folder)
    told = run(environment / "specc", "init", "--repository", cwd=folder)
    commands = [command[1:] for command in next_commands(told) if command[0] == "specc"]
    assert [command[0] for command in commands] == ["build", "sample"]
    rest = [["check"], ["fmt", "--check", "specs/my_model.yaml"], ["build", "--check"]]
    play(environment, [(folder, command) for command in [*commands, *rest]])
    assert (folder / "generated" / "my_model_torch.py").is_file()
    assert (folder / "my_model.npz").is_file()
