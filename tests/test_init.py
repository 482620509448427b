"""`specc init`: specs from examples, a repository's configuration, by flags and by questions."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from specc.cli import main
from specc.diagnostics import Source
from specc.pipeline import compile_source
from specc.start import examples, named

ROOT = Path(__file__).parent.parent
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
    assert files(folder) == ["a/b/c.yaml"]
    text = (folder / "a/b/c.yaml").read_text(encoding="utf-8")
    original = (ROOT / "specs" / f"{name}.yaml").read_text(encoding="utf-8")
    assert text == original.replace(f"\nname: {name}\n", "\nname: my_model\n") or (
        text == original.replace(f"name: {name}\n", "name: my_model\n", 1)
    )
    built = compile_source(Source("c.yaml", text))
    assert built.ok
    assert set(built.files) == {"my_model_torch.py", "my_model_keras.py"}


@pytest.mark.parametrize(
    ("options", "path", "name"),
    [
        ([], "digits_mlp.yaml", "digits_mlp"),
        (["--name", "mine"], "mine.yaml", "mine"),
        (["-o", "x/other.yml"], "x/other.yml", "other"),
        (["--name", "mine", "--repository"], "specs/mine.yaml", "mine"),
    ],
)
def test_name_and_place(options: list[str], path: str, name: str, folder: Path) -> None:
    assert main(["init", "--from", "digits_mlp", *options]) == 0
    assert f"name: {name}\n" in (folder / path).read_text(encoding="utf-8")


def test_specs_go_where_specs_are(folder: Path) -> None:
    (folder / "specs").mkdir()
    assert main(["init", "--from", "lenet5"]) == 0
    assert files(folder) == ["specs/lenet5.yaml"]


def test_it_tells_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--from", "digits_mlp"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "wrote digits_mlp.yaml",
        "its data is specs/data/digits.npz, which is not here: change it, or run with --data",
        "next: specc build digits_mlp.yaml",
    ]
    assert main(["build", "digits_mlp.yaml"]) == 0


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
        (["--name", "x"], "say with --from what it starts from"),
        (["--target", "torch"], "add --repository"),
        ([], "there is no terminal to ask on; say what to start: --from EXAMPLE"),
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


def test_a_repository_without_pyproject(folder: Path) -> None:
    assert main(["init", "--repository"]) == 0
    assert files(folder) == [".gitattributes", "pyproject.toml"]
    assert configuration(folder) == {"specs": ["specs/*.yaml"], "output": "generated"}


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
        ("[tool.specc]\n", "has [tool.specc] already"),
        ("tool.specc.output = 'x'\n", "has [tool.specc] already"),
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
    answer(monkeypatch, "99", "digits_mpl", "7", "my-model", "my_model", "perhaps", "y", "", "", "")
    assert main(["init"]) == 0
    told = capsys.readouterr().out
    for part in (
        "  7  digits_mlp           One hidden layer on 8x8 digits\n",
        f"expected a number from 1 to {len(NAMES)}, found 99\n",
        "did you mean 'digits_mlp'?\n",
        "name [digits_mlp]: ",
        "write 'my_model'\n",
        "expected y, n, yes, no, found 'perhaps'\n",
        "file [specs/my_model.yaml]: ",
        "folder of the programs [generated]: ",
        "programs: torch, keras or all [all]: ",
        "wrote specs/my_model.yaml\n",
        "next: specc build\n",
    ):
        assert part in told
    assert files(folder) == [".gitattributes", "pyproject.toml", "specs/my_model.yaml"]
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
    answer(monkeypatch, "-", "", "out", "keras")
    assert main(["init"]) == 0
    assert files(folder) == [".gitattributes", "pyproject.toml"]
    assert configuration(folder)["targets"] == ["keras"]
    answer(monkeypatch, "-")
    assert main(["init"]) == 2


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
        while b"next: " not in shown:
            shown += os.read(outer, 4096)
        assert process.wait(20) == 0
    os.close(outer)
    assert b"wrote mine.yaml" in shown
    assert files(folder) == ["mine.yaml"]


def test_text_of_an_example_is_data() -> None:
    (example,) = (example for example in examples() if example.name == "lenet5")
    assert named(example, "other").count("other") == 1
