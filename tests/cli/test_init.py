"""`specc init`: specs from examples, repositories of specs, by flags and by questions."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import specc
from specc.canonical import canonical
from specc.cli import main
from specc.diagnostics import Source
from specc.pipeline import compile_source
from specc.schema import text as schema_text
from specc.start import examples, named

ROOT = Path(__file__).parents[2]
NAMES = [example.name for example in examples()]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> list[str]:
    """Return all files below a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Sit at a terminal and type."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in answers)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


# By flags


def test_examples_are_the_specs_of_the_repository() -> None:
    committed = {path.stem for path in (ROOT / "specs").glob("*.yaml")}
    assert set(NAMES) == committed - {"custom_layer"}


@pytest.mark.parametrize("name", NAMES)
def test_each_example_under_another_name(name: str, folder: Path) -> None:
    assert main(["init", "--from", name, "--name", "my_model", "-o", "a/b/c.yaml"]) == 0
    text = (folder / "a/b/c.yaml").read_text(encoding="utf-8")
    original = (ROOT / "specs" / f"{name}.yaml").read_text(encoding="utf-8")
    expected = re.sub(rf"(?m)^name: {name}$", "name: my_model", original, count=1)
    packed = sorted(set(re.findall(r"specs/data/(\w+\.npz)", original)))
    assert text == expected.replace("specs/data/", "a/b/data/")
    about = ["README.md"] if packed else []
    assert files(folder) == sorted(["a/b/c.yaml", *(f"a/b/data/{n}" for n in [*about, *packed])])
    for data in [*about, *packed]:
        own = (ROOT / "specs" / "data" / data).read_bytes()
        assert (folder / "a/b/data" / data).read_bytes() == own
    built = compile_source(Source("c.yaml", text))
    assert built.ok
    assert set(built.files) == {"my_model_torch.py", "my_model_keras.py"}
    assert canonical(Source("c.yaml", text)) == text


@pytest.mark.parametrize(
    ("options", "path", "name"),
    [
        ([], "digits_mlp.yaml", "digits_mlp"),
        (["--name", "mine"], "mine.yaml", "mine"),
        (["-o", "x/other.yml"], "x/other.yml", "other"),
        (["--name", "mine", "--repository"], "specs/mine.yaml", "mine"),
    ],
)
@pytest.mark.parametrize("example", ["digits_mlp", None])
def test_name_and_place(
    options: list[str], path: str, name: str, example: str | None, folder: Path
) -> None:
    if example:
        assert main(["init", "--from", example, *options]) == 0
        text = (folder / path).read_text(encoding="utf-8")
        assert f"name: {name}\n" in text
        data = Path(path).parent / "data" / "digits.npz"
        assert f"data: {{npz: {data.as_posix()}}}\n" in text
        assert (folder / data).is_file()
    elif options:
        assert main(["init", *options]) == 0
        assert f"name: {name}\n" in (folder / path).read_text(encoding="utf-8")


def test_a_blank_spec(folder: Path) -> None:
    assert main(["init", "--from", "blank"]) == 0
    assert files(folder) == ["my_model.yaml"]
    assert main(["check", "my_model.yaml"]) == 0


def test_data_that_is_there_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "digits.npz").write_text("mine")
    assert main(["init", "--from", "digits_mlp"]) == 2
    assert "data/digits.npz is there already, and is left as it is" in capsys.readouterr().err
    assert files(folder) == ["data/digits.npz"]
    (folder / "data" / "README.md").write_text("mine")
    assert main(["init", "--from", "digits_cnn"]) == 0
    assert main(["init", "--from", "mlp_mixer"]) == 0  # which reads the same data
    assert "wrote data" not in capsys.readouterr().out.split("next:")[1]
    assert (folder / "data" / "README.md").read_text() == "mine"
    assert (folder / "data" / "digits.npz").read_text() == "mine"


def test_a_path_that_yaml_would_read_otherwise(folder: Path) -> None:
    assert main(["init", "--from", "digits_mlp", "-o", "a, {b}: #c/d.yaml"]) == 0
    text = (folder / "a, {b}: #c" / "d.yaml").read_text(encoding="utf-8")
    assert canonical(Source("d.yaml", text)) == text
    program = compile_source(Source("d.yaml", text)).program
    assert program is not None
    assert program.fit is not None
    assert program.fit.data_file == "a, {b}: #c/data/digits.npz"
    assert Path(program.fit.data_file).is_file()


def test_specs_go_where_specs_are(folder: Path) -> None:
    (folder / "specs").mkdir()
    assert main(["init", "--from", "lenet5"]) == 0
    assert files(folder) == ["specs/lenet5.yaml"]


@pytest.mark.parametrize(
    ("options", "commands"),
    [
        (["--from", "digits_mlp"], ["specc build digits_mlp.yaml", "python digits_mlp_torch.py"]),
        (
            ["--from", "lenet5", "-o", "my specs/a.yaml"],
            [
                "specc build 'my specs/a.yaml'",
                "specc sample 'my specs/a.yaml'",
                "python a_torch.py --data a.npz --epochs 1",
            ],
        ),
        (
            ["--from", "regression"],
            [
                "specc build regression.yaml",
                "specc sample regression.yaml",
                "python regression_torch.py --epochs 1",
            ],
        ),
        (["--from", "dense_relu"], ["specc build dense_relu.yaml", "python dense_relu_torch.py"]),
        (
            ["--repository", "--target", "keras", "--output-folder", "a b"],
            [
                "specc build",
                "specc sample specs/my_model.yaml",
                "python 'a b/my_model_keras.py' --data my_model.npz --epochs 1",
            ],
        ),
    ],
)
def test_the_next_commands_work(
    options: list[str], commands: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *options]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in told[told.index("next:") + 1 :]] == commands
    *ours, run = map(shlex.split, commands)
    for command in ours:
        assert main(command[1:]) == 0
    compile((folder / run[1]).read_bytes(), run[1], "exec")
    assert "--data" not in run or (folder / run[run.index("--data") + 1]).is_file()


def test_next_commands_where_no_framework_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for installed, told in (((), "pip install 'specc[torch]'"), (("tensorflow",), "a_keras.py")):
        monkeypatch.setattr("specc.start.find_spec", lambda name, has=installed: name in has)
        assert main(["init", "--from", "dense_relu", "-o", f"{len(installed)}/a.yaml"]) == 0
        assert told in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert "lenet5               LeNet-5 on 28x28 digits" in lines


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--from", "digits_mpl"], "found 'digits_mpl'; did you mean 'digits_mlp'?"),
        (["--from", "zzzzzz"], "found 'zzzzzz'; `specc init --list` lists them"),
        (["--from", "../specs/lenet5"], "expected the name of an example"),
        (["--from", "lenet5", "--name", "a-b"], "found 'a-b'; write 'a_b'"),
        (["--from", "lenet5", "--name", "class"], "found the Python keyword 'class'"),
        (["--from", "lenet5", "--name", "data_loader"], "would make the class 'DataLoader'"),
        (["--from", "lenet5", "--name", "x\nseed: 3"], "found 'x\\nseed: 3'"),
        (["--from", "lenet5", "--name", ""], "found ''"),
        (["--from", "lenet5", "-o", ""], "expected a path, found nothing"),
        (["--from", "lenet5", "-o", "there"], "there is there already, and is left as it is"),
        (["--from", "lenet5", "-o", "there/x.yaml"], "cannot write: "),
        (["--target", "torch"], "add --repository"),
        ([], "there is no terminal to ask on; say what to start: --name NAME"),
    ],
)
def test_wrong_calls(
    options: list[str], reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "there").write_text("mine")
    assert main(["init", *options]) == 2
    assert reason in capsys.readouterr().err
    assert files(folder) == ["there"]
    assert (folder / "there").read_text() == "mine"


# The repository


def configuration(folder: Path) -> dict[str, object]:
    """Return what [tool.specc] holds."""
    text = (folder / "pyproject.toml").read_bytes().decode("utf-8")
    table: dict[str, object] = tomllib.loads(text)["tool"]["specc"]
    return table


PARTS = [
    ".gitattributes",
    ".github/workflows/specc.yml",
    ".pre-commit-config.yaml",
    ".vscode/settings.json",
    "pyproject.toml",
    "specc.schema.json",
]
ADDED_TO = (".gitattributes", "pyproject.toml")


def test_an_empty_folder_becomes_a_repository(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--repository"]) == 0
    assert files(folder) == [*PARTS, "specs/my_model.yaml"]
    told = capsys.readouterr().out
    assert {line[6:] for line in told.splitlines() if line.startswith("wrote")} == {
        *PARTS[1:4],
        "[tool.specc] into pyproject.toml",
        "how git merges programs into .gitattributes",
        "specc.schema.json",
        "specs/my_model.yaml",
    }
    assert configuration(folder) == {"specs": ["specs/*.yaml"], "output": "generated"}
    schemas = json.loads((folder / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert schemas == {"./specc.schema.json": ["specs/*.yaml"]}
    assert (folder / "specc.schema.json").read_text(encoding="utf-8") == schema_text()


def test_twice_is_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--repository"]) == 0
    before = {name: (folder / name).read_bytes() for name in files(folder)}
    capsys.readouterr()
    assert main(["init", "--repository", "--target", "torch"]) == 0
    assert {name: (folder / name).read_bytes() for name in files(folder)} == before
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "[tool.specc] is in pyproject.toml already, and is left as it is"
    assert told[1:] == [
        "specc.schema.json is there already",
        ".vscode/settings.json is there already",
        ".pre-commit-config.yaml is there already",
        ".github/workflows/specc.yml is there already",
        "next:",
        "  specc build",
    ]


def test_what_a_repository_has_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in PARTS:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff" if name not in ADDED_TO else b"")
    (folder / "specs").mkdir()
    (folder / "specs" / "own.yaml").write_text("mine")
    assert main(["init", "--repository"]) == 0
    assert files(folder) == [*PARTS, "specs/own.yaml"]
    told = capsys.readouterr().out
    for part in (
        "specc.schema.json is there already, and is left as it is; `specc schema -o ",
        '.vscode/settings.json is there already, and is left as it is; add "yaml.schemas": {"./',
        ".pre-commit-config.yaml is there already, and is left as it is; add hooks of ",
        "specc.yml is there already, and is left as it is; run `specc check` and ",
    ):
        assert part in told
    assert all((folder / n).read_bytes() == b"\xff" for n in PARTS if n not in ADDED_TO)


def test_a_configuration_says_where_specs_go(folder: Path) -> None:
    table = '[tool.specc]\nspecs = ["models/**/*.yaml", "x?.yaml"]\noutput = "out"\n'
    (folder / "pyproject.toml").write_text(table)
    assert main(["init", "--repository"]) == 0
    assert files(folder) == [*PARTS[:4], "models/my_model.yaml", *PARTS[4:]]
    assert main(["build"]) == 0
    assert (folder / "out" / "my_model_torch.py").is_file()


def hooks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the hooks of a folder by their names, which have what pre-commit asks for."""
    (repository,) = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    found = {hook["id"]: hook for hook in repository["hooks"]}
    assert list(found) == ["specc-fmt", "specc-check", "specc-build"]
    assert all({"name", "entry", "language", "files"} <= set(hook) for hook in found.values())
    return found


def test_hooks_and_workflow_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their commands, as pre-commit and a CI run them; git has what the workflow compares with."""

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        done = subprocess.run(
            ["git", *who, *arguments], check=True, capture_output=True, text=True, cwd=folder
        )
        return done.stdout

    git("init", "-q", "-b", "main")
    assert main(["init", "--repository"]) == 0
    assert main(["init", "--from", "digits_mlp"]) == 0
    files_of_git = git("ls-files", "--others").splitlines()
    for hook in hooks(folder).values():
        chosen = [name for name in files_of_git if re.search(hook["files"], name)]
        assert "specs/digits_mlp.yaml" in chosen
        assert hook["pass_filenames"] is False
        assert main(hook["entry"].split()[1:]) == 0
    assert (folder / "generated" / "digits_mlp_keras.py").is_file()
    git("add", "--all")
    git("commit", "-q", "-m", "first")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    workflow = yaml.safe_load((folder / ".github" / "workflows" / "specc.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["specs"]["steps"] if "run" in step]
    assert steps[0] == f"pip install specc=={specc.__version__}"
    assert len(steps) == 5
    for step in steps[1:]:
        command = step.replace("${{ github.base_ref }}", "main").partition(" >> ")[0].split()
        assert command[0] == "specc"
        assert main(command[1:]) == 0


def test_the_hooks_are_offered_where_git_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".git").mkdir()
    monkeypatch.setattr("specc.repository.which", lambda _: None)
    assert main(["init", "--repository"]) == 0
    assert capsys.readouterr().out.endswith("  pip install pre-commit\n  pre-commit install\n")


@pytest.mark.parametrize("end", ["\n", "", "\n\n", "\r\n"])
def test_what_pyproject_holds_stays(end: str, folder: Path) -> None:
    before = f"# mine{end}[tool.black] # wide{end}line-length=88{end}" if end else "a = 1 # é"
    (folder / "pyproject.toml").write_bytes(before.encode())
    call = ["init", "--repository", "--output-folder", 'out "ü"', "--target", "torch"]
    assert main(call) == 0
    after = (folder / "pyproject.toml").read_bytes().decode()
    assert after.startswith(before)
    assert after.count("\r\n") in (0, after.count("\n"))
    assert configuration(folder) == {
        "specs": ["specs/*.yaml"],
        "output": 'out "ü"',
        "targets": ["torch"],
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[tool.specc]\nspec = 'x'\n", "unknown key 'spec' in [tool.specc]"),
        ("tool = {black = {}}\n", "[tool.specc] cannot be added at the end of"),
        ("[tool.black\n", "is not TOML"),
        ("x = '\xff'", "it is not UTF-8"),
    ],
)
def test_a_pyproject_that_is_left(
    text: str, reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "pyproject.toml"
    path.write_bytes(text.encode("latin-1"))
    assert main(["init", "--repository", "--from", "lenet5"]) == 2
    assert reason in capsys.readouterr().err
    assert path.read_bytes() == text.encode("latin-1")
    assert files(folder) == ["pyproject.toml"]


@pytest.mark.parametrize(
    ("output", "pattern"),
    [
        ("generated", "/generated/*_torch.py"),
        ("./a/b", "/a/b/*_torch.py"),
        (".", "/*_torch.py"),
        ('out "\u00fc" [1]', '"/out \\"\u00fc\\" \\\\[1]/*_torch.py"'),
    ],
)
def test_git_knows_the_programs(output: str, pattern: str, folder: Path) -> None:
    path = folder / ".gitattributes"
    path.write_bytes(b"*.png binary")
    call = ["init", "--repository", "--output-folder", output, "--target", "torch"]
    assert main(call) == 0
    before, _, comment, line, end = path.read_text(encoding="utf-8").split("\n")
    assert (before, comment[0], end) == ("*.png binary", "#", "")
    assert line == f"{pattern} linguist-generated -merge"
    subprocess.run(["git", "init", "--quiet"], check=True)
    asked = ["git", "check-attr", "-z", "merge", f"{output}/net_torch.py", "net_keras.py"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("\0")
    assert told[2:6:3] == ["unset", "unspecified"]
    (folder / "pyproject.toml").unlink()
    assert main(call) == 0  # lines that are there are not added again
    assert path.read_text(encoding="utf-8").count(pattern) == 1


def test_attributes_that_cannot_be_read(folder: Path) -> None:
    (folder / ".gitattributes").write_bytes(b"\xff")
    assert main(["init", "--repository"]) == 2
    assert files(folder) == [".gitattributes"]


# By questions


def test_questions(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "99", "digits_mpl", "8", "my-model", "my_model", "perhaps", "y", "", "", "")
    assert main(["init"]) == 0
    told = capsys.readouterr().out
    for part in (
        "  8  digits_mlp           One hidden layer on 8x8 digits\n",
        f"expected a number from 1 to {len(NAMES)}, found 99\n",
        "did you mean 'digits_mlp'?\n",
        "name [digits_mlp]: ",
        "write 'my_model'\n",
        "expected y, n, yes, no, found 'perhaps'\n",
        "file [specs/my_model.yaml]: ",
        "folder of the programs [generated]: ",
        "programs: torch, keras or all [all]: ",
        "wrote specs/my_model.yaml\n",
        "next:\n  specc build\n",
    ):
        assert part in told
    data = ["specs/data/README.md", "specs/data/digits.npz"]
    assert files(folder) == [*PARTS, *data, "specs/my_model.yaml"]
    assert configuration(folder) == {"specs": ["specs/*.yaml"], "output": "generated"}


def test_a_configured_repository_is_not_asked_about(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pyproject.toml").write_text("[tool.specc]\n")
    (folder / "taken.yaml").write_text("")
    answer(monkeypatch, "lenet5", "", "taken.yaml", "free.yaml")
    assert main(["init"]) == 0
    assert files(folder) == ["free.yaml", "pyproject.toml", "taken.yaml"]


def test_the_repository_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "-", "out", "keras")
    assert main(["init"]) == 0
    assert files(folder) == [*PARTS, "specs/my_model.yaml"]
    assert configuration(folder)["targets"] == ["keras"]
    answer(monkeypatch, "-")
    assert main(["init"]) == 0
    assert files(folder) == [*PARTS, "specs/my_model.yaml"]


def test_a_blank_spec_is_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "", "", "", "")
    assert main(["init"]) == 0
    assert files(folder) == ["my_model.yaml"]


def test_answers_that_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "lenet5", "mine")
    assert main(["init"]) == 2
    assert "the answers ended, nothing is written" in capsys.readouterr().err
    assert files(folder) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_on_a_terminal(folder: Path) -> None:
    import pty

    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "specc", "init"]
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner) as process:
        os.close(inner)
        os.write(outer, b"lenet5\nmine\nn\n\n")
        shown = b""
        while b"python " not in shown:
            shown += os.read(outer, 4096)
        assert process.wait(20) == 0
    os.close(outer)
    assert b"wrote mine.yaml" in shown
    assert files(folder) == ["mine.yaml"]


def test_text_of_an_example_is_data() -> None:
    (example,) = (example for example in examples() if example.name == "lenet5")
    assert named(example, "other").count("other") == 1
