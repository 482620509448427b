"""Files and numbers that would exhaust time or memory, in a process that has little of both."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from specc.cli import main
from specc.diagnostics import Diagnostic, Source, Span
from specc.pipeline import check_collisions, compile_bytes
from specc.source import MAX_BYTES, read_spec

ROOT = Path(__file__).parents[2]
MEMORY = 1 << 30
HUGE = [10**7, 10**9, 10**18]


def limited() -> None:
    """Give this process 1 GiB of addresses and 10 s of a processor."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


def build(folder: Path, spec: str, text: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run `specc build` with little memory and time, in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "specc", "build", spec, "-o", "out"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=text.decode("latin-1"),
        encoding="latin-1",
        capture_output=True,
        timeout=20,
        preexec_fn=limited,
    )


def refused(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """Check that a build told what is wrong, without a traceback, and return what it told."""
    assert done.returncode == status, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return done.stderr


def net(layers: str, shape: str = "[4, 4, 3]", rest: str = "") -> str:
    """Return a spec with layers, given as a list in flow style."""
    return f"name: net\ninput: {shape}\nlayers: [{layers}]\n{rest}"


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12)
)
TEXTS = {
    "laughs": BOMB,
    "quadratic": "a: &a [" + "x, " * 20_000 + "]\nb: [" + "*a, " * 20_000 + "]\n",
    "itself": "a: &a [*a]\n",
    "deep flow": "a: " + "[" * 10_000 + "]" * 10_000,
    "deep mappings": "{a: " * 10_000 + "}" * 10_000,
    "deep block": "".join(" " * n + "a:\n" for n in range(3_000)),
    "deep dashes": "- " * 10_000 + "a\n",
    "long scalar": "name: " + "x" * 10_000_000 + "\n",
    "long integer": net("dense: " + "9" * 5_001),
    "infinite": net("dense: 1e400"),
    "infinite below": net("dropout: -1e400"),
    "nan": net("dropout: .nan"),
    "keys": "1: a\nnull: b\n2001-01-01: c\n1.5: d\n.nan: e\n",
    "null bytes": "name: a\0b\n",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_text_that_would_exhaust(tmp_path: Path, kind: str) -> None:
    (tmp_path / "spec.yaml").write_text(TEXTS[kind], encoding="utf-8")
    told = refused(build(tmp_path, "spec.yaml"))
    assert "spec.yaml:" in told
    assert len(told) < 100_000
    assert os.listdir(tmp_path) == ["spec.yaml"]


def test_a_file_is_not_read_beyond_the_limit(tmp_path: Path) -> None:
    with open(tmp_path / "big.yaml", "wb") as file:
        file.truncate(100 * 1024 * 1024)
    expected = f"expected at most {MAX_BYTES} bytes"
    assert expected in refused(build(tmp_path, "big.yaml"), 2)
    assert expected in refused(build(tmp_path, "/dev/zero"), 2)
    assert expected in refused(build(tmp_path, "-", b" " * (MAX_BYTES + 1)), 2)
    assert os.listdir(tmp_path) == ["big.yaml"]


def test_read_spec(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(b" " * MAX_BYTES)
    assert len(read_spec(path)) == MAX_BYTES
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(ValueError, match=f"expected at most {MAX_BYTES} bytes"):
        read_spec(path)
    with pytest.raises(OSError, match="directory"):
        read_spec(tmp_path)


FIT = "optimizer: adam\nloss: {loss}\nmetrics: [{metric}]\ntraining: {{epochs: 1{more}}}\n"


def fit(loss: str, metric: str = "", more: str = "") -> str:
    """Return the lines of a spec about training."""
    return FIT.format(loss=loss, metric=metric, more=more)


CROSS = "sparse_categorical_crossentropy"
NUMBERS = {
    "units": net("dense: N"),
    "up_sampling": net("up_sampling2d: N"),
    "repeat": net("flatten, repeat_vector: N"),
    "padding": net("zero_padding2d: N"),
    "kernel": net("conv2d: {filters: 3, kernel_size: N, padding: same}"),
    "dilation": net("conv2d: {filters: 3, kernel_size: 3, padding: same, dilation_rate: N}"),
    "transpose": net("conv2d_transpose: {filters: 3, kernel_size: N, padding: same}"),
    "steps": net("lstm: 4", "[N, 3]"),
    "conv_lstm": net("conv_lstm2d: {filters: 3, kernel_size: 3}", "[N, 8, 8, 3]"),
    "time_distributed": net("time_distributed: {layer: {dense: 3}}", "[N, 3]"),
    "shape": net("dense: 3", "[N, N, N]"),
    "pool": net("average_pooling2d: {pool_size: N, padding: same}"),
    "adaptive": net("adaptive_average_pooling2d: N", "[N, N, 3]"),
    "resizing": net("resizing: {height: N, width: N}"),
    "einsum": net("einsum_dense: {equation: 'abc,cd->abd', output_shape: [null, N]}", "[4, 3]"),
    "embedding": net("embedding: {input_dim: N, output_dim: N}", "{shape: [4], dtype: int32}"),
    "encoding": net("category_encoding: {num_tokens: N}", "{shape: [4], dtype: int32}"),
    "lookup": net(
        "integer_lookup: {vocabulary: [1, 2], num_oov_indices: N}", "{shape: [4], dtype: int64}"
    ),
    "classes": net("dense: 3", "[4]", fit("mse", "mean_io_u: {num_classes: N}")),
    "hot classes": net("dense: N", "[4]", fit("mse", "one_hot_mean_io_u: {num_classes: N}")),
    "weights": net(
        "dense: {units: N, activation: softmax}", "[4]", fit(CROSS, "", ", class_weight: {0: 2.0}")
    ),
    "no weights": net(
        "dense: {units: N, activation: softmax}", "[4]", fit(CROSS, "", ", class_weight: {}")
    ),
    "thresholds": net(
        "dense: {units: 1, activation: sigmoid}",
        "[4]",
        fit("binary_crossentropy", "auc: {num_thresholds: N}"),
    ),
}

PROBE = """
import sys, time
from specc.pipeline import compile_bytes
for text in sys.stdin.read().split("\\0"):
    begin = time.process_time()
    found = compile_bytes(text.encode(), "spec.yaml")
    seconds = time.process_time() - begin
    print(seconds < 2, sum(map(len, found.files.values())) < 100_000, len(found.diagnostics))
"""


def test_numbers_cost_nothing() -> None:
    texts = [text.replace("N", str(number)) for text in NUMBERS.values() for number in HUGE]
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="\0".join(texts),
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert len(lines) == len(texts)
    assert not [line for line in lines if not line.startswith("True True")]


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_specs_with_numbers_are_right(kind: str) -> None:
    numbers = {"shape": "4", "hot classes": "3", "lookup": "2"}
    found = compile_bytes(NUMBERS[kind].replace("N", numbers.get(kind, "3")).encode(), "s")
    assert [d.message for d in found.diagnostics if d.severity == "error"] == []


NAMES = ["../../etc/x", "/etc/x", "a/b", "C:x", "..", "class", "None", "__import__('os')", "a b"]
NAMES += ["a.b", "a\\b", "\u0430bc", "\uff41", "a\n", "1a", "a-b\0"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_none(name: str) -> None:
    quoted = '"' + "".join(f"\\U{ord(c):08x}" for c in name) + '"'
    assert not compile_bytes(f"name: {quoted}\ninput: [4]\nlayers: [dense: 3]\n".encode(), "s").ok


@pytest.mark.parametrize(
    "name", ["con", "nul", "COM1", "__init__", "print", "self", "torch", "keras", "x" * 10_000]
)
def test_names_that_could_be_something_else(name: str) -> None:
    found = compile_bytes(f"name: {name}\ninput: [4]\nlayers: [dense: 3]\n".encode(), "s")
    for file in found.files:
        # `con_torch.py` is no device of Windows: only `con` and `con.*` are.
        assert not PureWindowsPath(file).is_reserved()
        assert PureWindowsPath(file).name == file
        assert len(file) <= 255


def test_names_that_differ_in_case_collide() -> None:
    texts = [f"name: {name}\ninput: [4]\nlayers: [dense: 3]\n".encode() for name in ("net", "Net")]
    found = [compile_bytes(text, f"{n}.yaml") for n, text in enumerate(texts)]
    told = check_collisions(found)
    assert told is not None
    assert told.startswith("0.yaml and 1.yaml would both write Net_")


PATHS = ["C:\\data\\new.csv", "\\\\host\\share\\x.csv", "data\\", "..\\x", "C:rel", "a/b\\c"]


@pytest.mark.parametrize("path", PATHS)
def test_windows_paths_are_taken_as_written(path: str) -> None:
    import ast

    text = net("dense: 1", "[4]", fit("mse") + f"data: {{csv: {{path: '{path}', target: y}}}}\n")
    found = compile_bytes(text.encode(), "s")
    assert found.ok, [d.message for d in found.diagnostics]
    for code in found.files.values():
        nodes = ast.walk(ast.parse(code))
        assert path in {n.value for n in nodes if isinstance(n, ast.Constant)}


def test_line_ends_change_no_program() -> None:
    text = net("flatten, dense: 3").encode()
    plain = compile_bytes(text, "C:\\x\\spec.yaml")
    other = compile_bytes(text.replace(b"\n", b"\r\n"), "spec.yaml")
    assert "\r" not in "".join(other.files.values())

    def bodies(files: dict[str, str]) -> list[list[str]]:
        return [[ln for ln in code.split("\n") if "sha" not in ln][10:] for code in files.values()]

    assert bodies(plain.files) == bodies(other.files)
    assert "C:" not in "".join(plain.files.values())


STEERING = "\x1b[31m\x9b\u202e\x07"


def test_nothing_steers_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"a{STEERING}\n.yaml"
    assert main(["build", name]) == 2
    Path(name).write_text("name: [", encoding="utf-8")
    assert main(["build", name]) == 1
    Path(name).write_text(net("flatten, dense: 3"), encoding="utf-8")
    assert main(["build", name, "-o", f"out{STEERING}"]) == 0
    assert main(["build", name, name]) == 2
    captured = capsys.readouterr()
    told = captured.out + captured.err
    assert "\\x1b[31m\\x9b\\u202e\\x07" in told
    assert all(c == "\n" or c.isprintable() for c in told)


def test_a_message_is_escaped_and_its_colour_is_not() -> None:
    found = Diagnostic("E1", f"m{STEERING}", Span(Source("s\n", "")), f"h{STEERING}")
    assert found.render().isprintable()
    assert found.render(color=True).startswith("s\\n:1:1: \033[1;31merror E1\033[0m: m\\x1b")


CUSTOM = ["os:system\n", "os", "os:", ":a", "a:b:c", "a..b:C", ".a:B", "a.b:C()", "a:B.c"]
CUSTOM += ["a b:C", "\u0661a:B", "a\u0661:B", "\u0430:B", "class:B", "a:None", "a:B;x", "a.if:B"]


@pytest.mark.parametrize("path", CUSTOM)
def test_a_path_of_custom_is_a_module_and_a_class(path: str) -> None:
    quoted = '"' + "".join(f"\\U{ord(c):08x}" for c in path) + '"'
    text = net(f"custom: {{keras: {quoted}, torch: 'a.b:C'}}")
    found = compile_bytes(text.encode(), "s")
    assert any("import path" in d.message for d in found.diagnostics)
    assert not found.files
