"""`specc build`: files, streams, exit statuses, and that it writes all or nothing."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import specc
from specc import pipeline
from specc.cli import main

ROOT = Path(__file__).parents[2]
GOOD = """\
name: small
input: {shape: [4]}
layers:
  - dense: {units: 8, activation: relu, kernel_regularizer: {l2: 0.01}}
  - dense: {units: 3, activation: softmax}
optimizer: adam
loss: sparse_categorical_crossentropy
metrics: [accuracy]
training: {epochs: 2}
"""
WRONG = GOOD.replace("dense", "dens", 1)
BOTH = ["small_keras.py", "small_torch.py"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


def write(path: str, text: str = GOOD) -> str:
    """Write a spec and return its path."""
    Path(path).write_text(text, encoding="utf-8")
    return path


def programs(folder: Path) -> list[str]:
    """Return the names of all files in a folder but specs, hidden ones included."""
    return sorted(p.name for p in folder.iterdir() if p.suffix not in (".yaml", ".yml"))


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Give bytes to standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def specc_process(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run specc in a process of its own, with further environment variables."""
    command = [sys.executable, "-m", "specc", *arguments]
    environment = {**os.environ, **more}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


# Files and streams


def test_build_writes_both_programs_and_names_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", write("a.yaml")]) == 0
    assert programs(folder) == BOTH
    output, told = capsys.readouterr()
    assert sorted(output.splitlines()) == [f"wrote {name}" for name in BOTH]
    assert "note N201" in told


@pytest.mark.parametrize("target", ["torch", "keras"])
def test_target_writes_one_program(folder: Path, target: str) -> None:
    assert main(["build", write("a.yaml"), "--target", target]) == 0
    assert programs(folder) == [f"small_{target}.py"]


def test_output_is_a_new_folder(folder: Path) -> None:
    assert main(["build", write("a.yaml"), "-o", "x/y"]) == 0
    assert programs(folder / "x" / "y") == BOTH


def test_several_specs(folder: Path) -> None:
    other = write("b.yaml", GOOD.replace("small", "other"))
    assert main(["build", write("a.yaml"), other]) == 0
    assert programs(folder) == sorted([*BOTH, "other_keras.py", "other_torch.py"])


def test_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, GOOD.encode())
    assert main(["build", "-"]) == 0
    assert programs(folder) == BOTH


def test_messages_about_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(monkeypatch, WRONG.encode())
    assert main(["build", "-"]) == 1
    assert capsys.readouterr().err.startswith("<stdin>:4:5: error E201: ")


def test_standard_output_is_the_program(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    spec = write("a.yaml", GOOD.replace("name: small", "name: small\ndescription: Größe ≤ 3"))
    assert main(["build", spec, "--target", "torch", "-o", "-"]) == 0
    assert programs(folder) == []
    printed = capsysbinary.readouterr().out
    assert main(["build", spec, "--target", "torch"]) == 0
    assert printed == (folder / "small_torch.py").read_bytes()


def test_standard_output_takes_one_program(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", write("a.yaml"), "-o", "-"]) == 2
    output, told = capsys.readouterr()
    assert output == ""
    assert "standard output takes one program, found 2" in told


# Exit statuses: 0 is everywhere above


@pytest.mark.parametrize("options", [[], ["-o", "out"], ["--target", "torch", "-o", "-"]])
def test_wrong_spec_gives_1_and_writes_nothing(
    folder: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", write("a.yaml"), write("b.yaml", WRONG), *options]) == 1
    assert programs(folder) == []
    output, told = capsys.readouterr()
    assert output == ""
    assert "b.yaml:4:5: error E201" in told


def test_all_wrong_specs_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", write("a.yaml", WRONG), write("b.yaml", "")]) == 1
    told = capsys.readouterr().err
    assert "a.yaml:4:5: error E201" in told
    assert "b.yaml:1:1: error E103" in told


@pytest.mark.parametrize(
    "arguments", [[], ["bild", "a"], ["build", "a", "--target", "jax"], ["build", "--x"]]
)
def test_wrong_call_gives_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: specc" in capsys.readouterr().err


def test_a_fault_gives_3_and_a_plea(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a fault")  # of a kind that reading a file may raise too

    monkeypatch.setattr(pipeline, "compile_source", fail)
    assert main(["build", write("a.yaml")]) == 3
    told = capsys.readouterr().err
    assert "ValueError: a fault" in told
    assert f"This is a bug in specc {specc.__version__}" in told
    assert "Please report it" in told


# Specs that cannot be read


def test_missing_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "no.yaml"]) == 2
    assert capsys.readouterr().err == "specc: cannot read no.yaml: No such file or directory\n"


def test_folder_as_spec(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "."]) == 2
    told = "specc: expected specs below ., found no YAML with name, input and layers\n"
    assert capsys.readouterr().err == told


def test_unreadable_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")  # a mode would not stop root

    monkeypatch.setattr("specc.source.read_spec", refuse)
    assert main(["build", "a.yaml"]) == 2
    assert capsys.readouterr().err == "specc: cannot read a.yaml: Permission denied\n"


def test_a_path_that_cannot_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "a\0b"]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_a_file_that_is_not_utf8(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_bytes("name: small\ndescription: \u00fc ".encode() + b"\xfc\n")
    assert main(["build", "a.yaml"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(
        "a.yaml:2:16: error E100: expected UTF-8 text, found the byte 0xfc\n    2 | description: "
    )


def test_byte_order_mark_and_windows_line_ends(folder: Path) -> None:
    Path("a.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert main(["build", "a.yaml"]) == 0
    assert b"\r" not in (folder / "small_torch.py").read_bytes()


# Where programs cannot be written


def test_two_specs_of_one_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", write("a.yaml"), write("b.yaml")]) == 2
    assert programs(folder) == []
    assert "a.yaml and b.yaml would both write small_torch.py" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["taken", "taken/below"])
def test_output_folder_is_a_file(
    folder: Path, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("taken").write_text("text")
    assert main(["build", write("a.yaml"), "-o", output]) == 2
    assert f"specc: cannot write to {output}: " in capsys.readouterr().err
    assert Path("taken").read_text() == "text"


def test_output_folder_is_read_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    assert main(["build", write("a.yaml")]) == 2
    monkeypatch.undo()
    assert capsys.readouterr().err.endswith("cannot write to .: Read-only file system\n")
    assert programs(folder) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_standard_output_that_is_full(folder: Path) -> None:
    write("a.yaml")
    command = [sys.executable, "-m", "specc", "build", "a.yaml", "--target", "keras", "-o", "-"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "specc: cannot write to standard output: No space left on device\n"


ENDS = [
    ["build", "a.yaml", "--target", "keras"],
    ["build", "--help"],
    ["--version"],
    ["explain", "dense"],
]


@pytest.mark.parametrize("words", ENDS)
def test_a_reader_who_has_gone_is_told_nothing(folder: Path, words: list[str]) -> None:
    write("a.yaml")
    for _ in range(2):  # the second build finds its programs unchanged
        reading, writing = os.pipe()
        os.close(reading)
        done = run_into(writing, words)
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, "")
    assert programs(folder) == (BOTH[:1] if words == ENDS[0] else [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("words", ENDS)
def test_standard_output_that_is_full_at_the_end(folder: Path, words: list[str]) -> None:
    write("a.yaml")
    for _ in range(2):
        with open("/dev/full", "wb") as full:
            done = run_into(full.fileno(), words)
        assert done.returncode == 2
        assert done.stderr == ("specc: cannot write to standard output: No space left on device\n")


def run_into(output: int, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command that writes to a descriptor, at its end as Python does by itself."""
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    command = [sys.executable, "-m", "specc", *words]
    return subprocess.run(
        command, stdout=output, stderr=subprocess.PIPE, text=True, env=environment, check=False
    )


def test_a_path_that_the_terminal_cannot_show(folder: Path) -> None:
    done = specc_process("build", write("a.yaml"), "-o", "größe", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "wrote gr\\xf6\\xdfe/small_torch.py\n" in done.stdout
    assert programs(folder / "größe") == BOTH


def test_a_failed_replace_leaves_no_temporary_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["build", write("a.yaml"), "--target", "torch"]) == 0
    before = Path("small_torch.py").read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    assert main(["build", write("a.yaml", GOOD + "seed: 1\n")]) == 2
    assert programs(folder) == ["small_torch.py"]
    assert Path("small_torch.py").read_bytes() == before


def test_a_failed_write_leaves_no_temporary_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    assert main(["build", write("a.yaml")]) == 2
    assert programs(folder) == []


@pytest.mark.parametrize("taken", BOTH)
def test_a_folder_in_the_place_of_a_program_stops_both(folder: Path, taken: str) -> None:
    Path(taken).mkdir()
    assert main(["build", write("a.yaml")]) == 1
    assert main(["build", write("a.yaml"), "--force"]) == 2
    assert programs(folder) == [taken]


def test_an_old_program_is_replaced(folder: Path) -> None:
    assert main(["build", write("a.yaml", GOOD + "seed: 1\n")]) == 0
    before = Path("small_torch.py").read_text()
    assert main(["build", write("a.yaml")]) == 0
    assert Path("small_torch.py").read_text() != before


# Help, version, colour


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"specc {specc.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"]])
def test_help_shows_an_example(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    shown = capsys.readouterr().out
    assert "specc build specs/digits_mlp.yaml --target torch" in shown
    assert (ROOT / "specs" / "digits_mlp.yaml").is_file()


@pytest.mark.parametrize(
    ("terminal", "variables", "colored"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_color(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
    variables: dict[str, str],
    colored: bool,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["build", write("a.yaml", WRONG)]) == 1
    assert ("\033[" in stream.getvalue()) is colored


# What a build imports, and that its bytes are the same everywhere


def test_a_build_imports_no_framework(folder: Path) -> None:
    code = (
        "import sys; from specc.cli import main; assert main(['build', 'a.yaml']) == 0;"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    write("a.yaml")
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "specc" in found
    assert not {"torch", "tensorflow", "keras", "numpy"} & set(found)


def test_same_bytes_everywhere(folder: Path) -> None:
    spec = (ROOT / "specs" / "digits_mlp.yaml").read_text(encoding="utf-8")
    for number in range(3):
        place = folder / f"place_{number}" / ("deep" * number)
        place.mkdir(parents=True)
        path = place / "digits_mlp.yaml"
        path.write_text(spec, encoding="utf-8")
        output = str(folder / f"out_{number}")
        done = specc_process("build", str(path), "-o", output, PYTHONHASHSEED=str(number))
        assert done.returncode == 0, done.stderr
    assert main(["build", str(path), "-o", "out_2"]) == 0  # a second time, into the same folder
    for name in ("digits_mlp_torch.py", "digits_mlp_keras.py"):
        assert len({(folder / f"out_{n}" / name).read_bytes() for n in range(3)}) == 1


def test_module_can_be_run(folder: Path) -> None:
    done = specc_process("--version")
    assert (done.returncode, done.stdout) == (0, f"specc {specc.__version__}\n")


def test_a_closed_pipe_is_no_fault(folder: Path) -> None:
    write("a.yaml")
    command = [sys.executable, "-m", "specc", "build", "a.yaml", "--target", "keras", "-o", "-"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == 1
    assert "fault" not in done.stderr
    assert "Traceback" not in done.stderr


# The Python call


def test_compile_takes_a_text() -> None:
    result = specc.compile(GOOD)
    assert result.ok
    assert sorted(result.files) == BOTH
    assert [d.code for d in result.diagnostics] == ["N201"]


@pytest.mark.parametrize("kind", [str, Path])
def test_compile_takes_a_path(folder: Path, kind: type) -> None:
    result = specc.compile(kind(write("a.yaml")), target="torch")
    assert list(result.files) == ["small_torch.py"]
    assert "from a.yaml\n" in result.files["small_torch.py"]


def test_compile_gives_diagnostics_for_a_wrong_spec() -> None:
    result = specc.compile(WRONG)
    assert not result.ok
    assert result.files == {}
    (found,) = result.diagnostics
    assert (found.code, found.severity, found.span.line) == ("E201", "error", 4)
    assert found.hint == "did you mean 'dense'?"


def test_compile_refuses_an_unknown_target() -> None:
    with pytest.raises(ValueError, match=re.escape("torch, keras or all, found 'jax'")):
        specc.compile(GOOD, target="jax")


def test_compile_of_a_missing_file() -> None:
    with pytest.raises(FileNotFoundError):
        specc.compile("no.yaml")


def test_compile_writes_nothing(folder: Path) -> None:
    specc.compile(GOOD)
    assert programs(folder) == []
