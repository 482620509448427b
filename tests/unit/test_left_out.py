"""Training that is left out has the defaults of Keras' `fit`, in every verb."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from specc.cli import main
from specc.diagnostics import Source
from specc.pipeline import compile_bytes, front
from specc.written_out import written_out

MODEL = """\
name: example
input: {shape: [64]}
layers:
  - dense: {units: 10, activation: softmax}
"""
TRAINED = MODEL + "optimizer: sgd\nloss: sparse_categorical_crossentropy\n"
EMPTY = TRAINED + "training: {}\n"
SPELLED = TRAINED + "training: {epochs: 1, batch_size: 32, shuffle: true}\n"


def programs(text: str) -> dict[str, str]:
    """Return both programs of a spec, without their headers."""
    found = compile_bytes(text.encode(), "example.yaml")
    assert found.diagnostics == ()
    return {name: code.split("\n", 3)[3] for name, code in found.files.items()}


def test_programs_train_by_the_defaults() -> None:
    assert programs(TRAINED) == programs(EMPTY) == programs(SPELLED)
    for code in programs(TRAINED).values():
        assert "EPOCHS = 1" in code
        assert "BATCH_SIZE = 32" in code
        assert "--data" in code
    assert programs(TRAINED) != programs(MODEL)


def test_it_is_written_out_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [written_out(front(Source("a.yaml", text))[0]) for text in (TRAINED, EMPTY)]
    assert texts[0] == texts[1]
    assert "epochs: 1" in texts[0]
    path = tmp_path / "a.yaml"
    path.write_text(TRAINED)
    assert main(["show", str(path), "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)["training"]
    assert (shown["epochs"], shown["batch_size"]) == (1, 32)


def test_to_write_the_defaults_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("a.yaml", TRAINED), ("b.yaml", EMPTY), ("c.yaml", SPELLED)):
        (tmp_path / name).write_text(text)
    for name in ("b.yaml", "c.yaml"):
        main(["diff", str(tmp_path / "a.yaml"), str(tmp_path / name)])
        told = capsys.readouterr()
        assert told.err == ""
        assert (
            "training" not in told.out.replace("Training", "training").split("\n", 1)[1]
        ), told.out


def test_it_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(TRAINED)
    assert main(["build", "a.yaml", "--set", "training.epochs=3"]) == 0
    assert "EPOCHS = 3" in Path("example_torch.py").read_text()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("loss: mse\n", "no optimizer, so the program builds the model alone"),
        ("optimizer: sgd\ntraining: {epochs: 2}\n", "no loss, so the program builds the model"),
        ("data: {npz: a.npz}\n", "no optimizer and no loss, so"),
        ("training: {}\n", "no optimizer and no loss, so"),
    ],
)
def test_a_build_tells_of_keys_that_serve_nothing(more: str, message: str) -> None:
    (note,) = compile_bytes((MODEL + more).encode(), "a.yaml").diagnostics
    assert (note.code, note.severity) == ("N118", "note")
    assert message in note.message
    assert note.hint == "unused: " + ", ".join(
        key for key in ("optimizer", "loss", "training", "metrics", "data") if f"{key}:" in more
    )
