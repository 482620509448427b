"""`specc check`: exit statuses, silencing, the configuration, and watching."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from specc.check import WARNINGS, check, ignored, matches
from specc.cli import main
from specc.codes import CODES
from specc.watch import watch

SPEC = """\
name: example
input: {shape: [64]}
layers:
  - dense: 64
  - dense: {units: 10, activation: softmax}
optimizer: adam
loss: sparse_categorical_crossentropy
training: {epochs: 20}
"""
CLEAN = SPEC.replace("dense: 64", "dense: {units: 64, activation: relu}")
WRONG = SPEC.replace("dense: 64", "dens: 64")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str = SPEC) -> str:
    """Write a file and return its path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    return path


def found(text: str) -> list[tuple[str, int]]:
    """Return the codes and lines of what is found in a text, notes left out."""
    told = check(text.encode(), "spec.yaml")
    return [(d.code, d.span.line) for d in told if d.severity != "note"]


def messages(text: str) -> list[str]:
    """Return what is told of comments that silence nothing."""
    told = check(text.encode(), "spec.yaml")
    return [f"{d.message}; {d.hint}" for d in told if d.code == "W300"]


# Exit statuses and what is told


@pytest.mark.parametrize(
    ("texts", "status", "last"),
    [
        ([CLEAN], 0, "1 spec: nothing found"),
        ([SPEC], 1, "1 spec: 1 warning"),
        ([WRONG, SPEC, SPEC], 1, "3 specs: 1 error, 2 warnings"),
        ([CLEAN.replace("adam", "{sgd: {nesterov: true}}")], 0, "1 spec: 1 note"),
        ([CLEAN.replace("training: {epochs: 20}\n", "")], 0, "1 spec: nothing found"),
        # What a build notes is a warning, and told once.
        ([CLEAN.replace("optimizer: adam\n", "")], 1, "1 spec: 1 warning"),
    ],
)
def test_status_and_summary(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    texts: list[str],
    status: int,
    last: str,
) -> None:
    paths = [write(f"{n}.yaml", text) for n, text in enumerate(texts)]
    assert main(["check", *paths]) == status
    output, told = capsys.readouterr()
    assert output == ""
    assert told.splitlines()[-1] == last
    assert sorted(folder.iterdir()) == [folder / path for path in paths]


def test_a_file_that_is_not_there_is_a_wrong_call(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "none.yaml"]) == 2
    assert capsys.readouterr().err == "specc: cannot read none.yaml: No such file or directory\n"


def test_standard_input(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SPEC.encode())))
    assert main(["check", "-"]) == 1
    assert capsys.readouterr().err.startswith("<stdin>:4:5: warning W320: dense_1 and ")
    assert main(["check", "--watch", "-"]) == 2


def test_no_program_is_made_and_no_data_is_read(folder: Path) -> None:
    text = CLEAN + "data: {npz: there_is_no_such.npz}\n"
    assert main(["check", write("a.yaml", text)]) == 0


def test_a_build_tells_no_warnings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", write("a.yaml"), "-o", "out"]) == 0
    assert "warning" not in capsys.readouterr().err


# Comments


@pytest.mark.parametrize(
    "text",
    [
        SPEC.replace("dense: 64", "dense: 64 # specc: ignore W320"),
        SPEC.replace("dense: 64", "dense: 64  #specc: ignore w320: a factor of the next kernel"),
        SPEC.replace("layers:", "layers: # specc: ignore W320"),
        SPEC.replace(
            "  - dense: 64", "  # specc: ignore W320\n\n  # of another kind\n  - dense: 64"
        ),
        "# specc: ignore-file W320\n" + SPEC,
        "# A spec.\n\n# specc: ignore-file W320: as in the paper\n" + SPEC,
        # The finding is at a field within the layer on whose line the comment is.
        CLEAN.replace(
            "dense: {units: 64, activation: relu}",
            "dense: # specc: ignore W346\n"
            "      units: 64\n"
            "      activation: relu\n"
            "      bias_regularizer: l2",
        ),
        # Two codes, each of which is found.
        SPEC.replace(
            "dense: 64", "dense: {units: 64, bias_regularizer: l2} # specc: ignore W320,W346"
        ),
    ],
)
def test_comments_silence(text: str) -> None:
    assert found(text) == []


def test_a_comment_is_about_its_line_alone() -> None:
    two = SPEC.replace("  - dense: 64\n", "  - dense: 64 # specc: ignore W320\n  - dense: 32\n")
    assert found(two) == [("W320", 5)]
    block = SPEC.replace("dense: 64", "dense: # specc: ignore W320\n      units: 64\n  - dense: 32")
    assert found(block) == [("W320", 6)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            CLEAN.replace("shape: [64]}", "shape: [64]} # specc: ignore W320"),
            "W320 is not found here; take the code out",
        ),
        (
            SPEC.replace("dense: 64", "dense: 64 # specc: ignore W320, W346"),
            "W346 is not found here; take the code out",
        ),
        (
            SPEC.replace("dense: 64", "dense: 64 # specc: ignore E503"),
            "expected the code of a warning, found E503, which is an error; take it out: only "
            "warnings can be silenced",
        ),
        (
            CLEAN.replace("20}", "20} # specc: ignore N201"),
            "expected the code of a warning, found N201, which is a note; take it out: only "
            "warnings can be silenced",
        ),
        (
            CLEAN.replace("20}", "20} # specc: ignore W399"),
            "expected the code of a warning, found W399; `specc explain CODE` tells",
        ),
        (
            CLEAN + "# specc: ignore-file W320\n",
            "expected ignore-file before the first key, found it behind; move it up, or write ",
        ),
        (
            CLEAN.replace("20}", "20} # specc: ignore W320 because"),
            "expected '# specc: ignore W320' or '# specc: ignore-file W320', with more codes after "
            "commas, found '# specc: ignore W320 because'; None",
        ),
        (CLEAN.replace("20}", "20} # specc: ignored W320"), "expected '# specc: ignore W320' or "),
    ],
)
def test_comments_that_silence_nothing_are_told(text: str, message: str) -> None:
    (told,) = messages(text)
    assert told.startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        # A string, a block scalar, and a comment about something else.
        CLEAN + 'description: "a # specc: ignore W320"\n',
        CLEAN + "description: |\n  a\n  # specc: ignore W320\n",
        "# specc: see the paper\n" + CLEAN,
    ],
)
def test_what_is_no_such_comment_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_string_silences_nothing() -> None:
    text = SPEC.replace("dense: 64", "dense: {units: 64, name: '# specc: ignore W320'}")
    assert [code for code, _ in found(text)] == ["E301"]
    text = SPEC + "description: |\n  # specc: ignore-file W320\n"
    assert found(text) == [("W320", 4)]


def test_errors_are_told_whatever_is_silenced() -> None:
    assert found("# specc: ignore-file E201\n" + WRONG) == [("E201", 5)]


# The configuration


def configure(*lines: str) -> None:
    """Write a pyproject.toml with a table for checks."""
    write("pyproject.toml", "\n".join(['[tool.specc]\nspecs = ["specs/**/*.yaml"]', *lines, ""]))


def test_the_configuration_silences(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("specs/a.yaml")
    write("specs/old/b.yaml")
    configure("[tool.specc.check]", 'ignore = ["W320"]')
    assert main(["check", "specs/a.yaml", "specs/old/b.yaml"]) == 0
    configure("[tool.specc.check.per-file-ignores]", '"specs/old/*" = ["W320"]')
    assert main(["check", "specs/a.yaml"]) == 1
    assert main(["check", "specs/old/b.yaml"]) == 0
    monkeypatch.chdir("specs")
    assert main(["check", "old/b.yaml", str(folder / "specs" / "old" / "b.yaml")]) == 0


def test_without_a_spec_those_of_the_configuration_are_checked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("specs/a.yaml")
    write("specs/old/b.yaml", CLEAN)
    assert main(["check"]) == 2
    configure()
    assert main(["check"]) == 1
    told = capsys.readouterr().err
    assert f"\nspecs{os.sep}a.yaml:4:5: warning W320" in told
    assert told.endswith("2 specs: 1 warning\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('ignore = ["W999"]', "expected codes of warnings, found 'W999'"),
        ('ignore = ["E201"]', "expected codes of warnings, found E201, which is an error"),
        ('per-file-ignores = {"*" = ["N201"]}', "found N201, which is a note"),
        ('ignored = ["W320"]', "unknown key 'ignored' in [tool.specc.check]"),
    ],
)
def test_a_wrong_configuration_is_a_wrong_call(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    configure("[tool.specc.check]", line)
    assert main(["check", write("a.yaml")]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "pyproject.toml" in told


@pytest.mark.parametrize(
    ("glob", "path", "does"),
    [
        ("specs/*.yaml", "specs/a.yaml", True),
        ("specs/*.yaml", "specs/b/a.yaml", False),
        ("specs/**/*.yaml", "specs/a.yaml", True),
        ("specs/**/*.yaml", "specs/b/c/a.yaml", True),
        ("**/a?.yaml", "ab.yaml", True),
        ("./a.yaml", "a.yaml", True),
        ("*.yaml", "axyaml", False),
        ("specs/*", "../specs/a.yaml", False),
    ],
)
def test_globs(glob: str, path: str, does: bool) -> None:
    assert matches(path, glob) is does


def test_codes_of_all_globs_are_ignored(tmp_path: Path) -> None:
    per_file = {"*.yaml": ["W301"], "a.*": ["W302"], "b.*": ["W303"]}
    codes = ignored(tmp_path / "a.yaml", tmp_path, ["W304"], per_file)
    assert codes == {"W301", "W302", "W304"}
    assert codes < WARNINGS < set(CODES)


# Watching


def run_while(files: Callable[[], list[Path]], *changes: Callable[[], object]) -> int:
    """Watch files while they are changed in turn, and return how often the action was run."""
    runs: list[list[Path]] = []
    stop, waiting = threading.Event(), list(changes)

    def later() -> None:
        if waiting:
            waiting.pop(0)()
            threading.Timer(0.6, later).start()
        else:
            stop.set()

    def action() -> None:
        if not runs:
            threading.Timer(0.3, later).start()
        runs.append(files())

    guard = threading.Timer(20, stop.set)
    guard.start()
    watch(files, action, stop)
    guard.cancel()
    return len(runs)


def test_garbage_is_collected_while_files_are_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specc.watch._is_stopped", lambda *_: True)
    gc.disable()
    found = []
    watch(lambda: [tmp_path / "a.yaml"], lambda: found.append(gc.isenabled()))
    assert found == [True]


def test_changes_are_seen_however_an_editor_writes(tmp_path: Path) -> None:
    path, beside = tmp_path / "a.yaml", tmp_path / "a.yaml~"
    path.write_text("1")
    linked = tmp_path / "elsewhere" / "b.yaml"
    linked.parent.mkdir()
    linked.symlink_to(path)

    def replaced() -> None:
        beside.write_text("3")
        beside.replace(path)

    def removed_and_written() -> None:
        path.unlink()
        (tmp_path / "other").write_text("")
        path.write_text("4")

    changes = (lambda: path.write_text("2"), replaced, removed_and_written)
    assert run_while(lambda: [path], *changes) == 4
    assert run_while(lambda: [linked], lambda: path.write_text("5")) == 2
    assert run_while(lambda: [path], lambda: beside.write_text("6"), path.unlink) == 1


def test_new_files_are_watched(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    first, second = tmp_path / "a.yaml", tmp_path / "more" / "a.yaml"
    first.write_text("1")
    second.write_text("1")
    found = [first]

    def found_elsewhere() -> None:
        found.append(second)
        first.write_text("2")

    def added() -> None:
        found.append(tmp_path / "b.yaml")
        found[-1].write_text("1")

    changes = (added, found_elsewhere, lambda: second.write_text("2"))
    assert run_while(lambda: found, *changes) == 4


def test_what_is_checked_follows_the_configuration(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = '[tool.specc]\nspecs = ["specs/*.yaml"]\n'
    write("pyproject.toml", configured)
    write("specs/a.yaml")
    told = []

    def watched(files: Callable[[], list[Path]], action: Callable[[], object]) -> None:
        for text in ("", '[tool.specc.check]\nignore = ["W320"]\n', "ignore = 3", ""):
            write("pyproject.toml", configured + text)
            action()
            told.append((capsys.readouterr().err.splitlines()[-1], [p.name for p in files()]))
            write("specs/b.yaml", CLEAN)

    monkeypatch.setattr("specc.watch.watch", watched)
    assert main(["check", "--watch"]) == 0
    one, both = ["a.yaml", "pyproject.toml"], ["a.yaml", "b.yaml", "pyproject.toml"]
    assert told[0] == ("1 spec: 1 warning", one)
    assert told[1] == ("2 specs: nothing found", both)
    assert "ignore" in told[2][0]
    assert told[2][1] == both
    assert told[3] == ("2 specs: 1 warning", both)


def test_a_folder_that_is_not_there_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--watch", "none/a.yaml"]) == 2
    assert "cannot watch " in capsys.readouterr().err


def test_an_interrupt_ends_watching_quietly(folder: Path) -> None:
    command = [sys.executable, "-m", "specc", "check", "--watch", write("a.yaml")]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        # A shell has what it runs behind the scenes ignore interrupts, and so its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    guard = threading.Timer(60, process.kill)
    guard.start()
    with process:
        assert process.stderr is not None
        told = [process.stderr.readline() for _ in range(4)]
        assert told[-1] == "1 spec: 1 warning\n"
        threading.Event().wait(0.5)
        write("a.yaml", CLEAN)
        assert process.stderr.readline() == "1 spec: nothing found\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == ""
    guard.cancel()
    assert process.returncode == 130


# Speed


def test_a_check_imports_little() -> None:
    """What costs time and serves no check is not imported."""
    code = (
        "import sys, specc.cli as cli\n"
        "sys.argv = ['specc', 'check', 'specs/digits_mlp.yaml']\n"
        "assert cli.run() == 0\n"
        "heavy = ['jinja2', 'black', 'tomllib', 'watchfiles', 'specc.formats']\n"
        "heavy += [f'specc.targets.{target}.program' for target in ('torch', 'keras')]\n"
        "heavy += ['specc.targets.torch.limits.image', 'specc.targets.view']\n"
        "heavy += ['specc.review.advice', 'specc.canonical', 'difflib']\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "[]\n", done.stderr
    assert done.returncode == 0, done.stderr
