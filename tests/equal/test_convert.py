"""`specc convert`: weights go there and back bit by bit, and what does not fit is named."""

from __future__ import annotations

import sys
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from writing import spec

from specc.cli import main
from specc.pipeline import Compilation, compile_bytes
from specc.verify import VerifyError, convert, frameworks

pytestmark = pytest.mark.frameworks

LAYERS: list[Any] = [
    {"conv2d": {"filters": 3, "kernel_size": [2, 3], "activation": "relu"}},
    "batch_normalization",
    {"dropout": {"rate": 0.5, "seed": 3}},
    "flatten",
    {"reshape": [4, 6]},
    {"gru": {"units": 3, "return_sequences": True}},
    {"lstm": {"units": 2, "name": "memory"}},
    {"dense": 5},
]


def compiled(layers: list[Any]) -> Compilation:
    """Return a compiled spec of images, trained by Adam."""
    found = compile_bytes(spec([5, 4, 2], layers, optimizer="adam").encode(), "spec.yaml")
    assert found.ok, found.diagnostics
    return found


def trained(compilation: Compilation, folder: Path) -> dict[str, torch.Tensor]:
    """Return weights that a training might have left, some of them with unusual bits."""
    namespace: dict[str, Any] = {"__name__": "made"}
    exec(compilation.files["model_torch.py"], namespace)
    state: dict[str, torch.Tensor] = namespace["Model"]().state_dict()
    random = torch.Generator().manual_seed(0)
    for name, value in state.items():
        if value.is_floating_point() and name != "memory.bias_hh_l0":  # frozen at 0
            value.copy_(torch.randn(value.shape, generator=random) * 10.0**-value.ndim)
            value.view(-1)[0], value.view(-1)[-1] = -0.0, 1e-42
    torch.save(state, folder / "a.pt")
    return state


def test_there_and_back_bit_by_bit(tmp_path: Path) -> None:
    compilation = compiled(LAYERS)
    before = trained(compilation, tmp_path)
    ways = ["a.pt", "b.keras", "c.safetensors", "d.weights.h5", "e.keras", "f.pt"]
    for source, target in pairwise(ways):
        assert convert(compilation, tmp_path / source, tmp_path / target) == 213
    after = torch.load(tmp_path / "f.pt", weights_only=True)
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert value.numpy().tobytes() == after[name].numpy().tobytes(), name
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(ways)  # nothing left over
    # Keras' own load takes the file, and both programs compute the same.
    import keras

    model = keras.models.load_model(tmp_path / "e.keras")
    kernel = after["conv2d.weight"].permute(2, 3, 1, 0).numpy()
    assert (np.asarray(model.get_layer("conv2d").kernel) == kernel).all()


def test_other_weights_are_named(tmp_path: Path) -> None:
    compilation = compiled(LAYERS)
    state = trained(compilation, tmp_path)
    wrong = {**state, "more.weight": torch.zeros(2), "dense.bias": torch.zeros(4)}
    del wrong["conv2d.weight"], wrong["batch_normalization.num_batches_tracked"]
    torch.save(wrong, tmp_path / "wrong.pt")
    expected = (
        r"wrong.pt does not hold this model's weights: no conv2d.weight; more.weight, which the "
        r"model does not have; dense.bias of float32 \(4,\), expected float32 \(5,\)$"
    )
    with pytest.raises(VerifyError, match=expected):
        convert(compilation, tmp_path / "wrong.pt", tmp_path / "out.keras")
    other = compiled([*LAYERS[:-1], {"dense": {"units": 4, "use_bias": False}}, {"dense": 5}])
    convert(compilation, tmp_path / "a.pt", tmp_path / "a.keras")
    with pytest.raises(VerifyError) as error:
        convert(other, tmp_path / "a.keras", tmp_path / "out.pt")
    told = str(error.value)
    assert "no dense_2.kernel" in told
    assert "dense_1.kernel of float32 (2, 5), expected float32 (2, 4)" in told
    assert not [path for path in tmp_path.iterdir() if path.stem.startswith((".", "out"))]


def test_checkpoints_of_the_programs(tmp_path: Path) -> None:
    compilation = compiled(LAYERS[3:4] + LAYERS[-1:])
    state = trained_dense(tmp_path)
    checkpoint = {"model": state, "optimizer": {"state": {}}, "epoch": 3}
    torch.save(checkpoint, tmp_path / "a.pt")
    assert convert(compilation, tmp_path / "a.pt", tmp_path / "a.weights.h5") == 205


def trained_dense(folder: Path) -> dict[str, torch.Tensor]:
    """Return the state of a dense layer behind flattened images."""
    return {"dense.weight": torch.ones(5, 40), "dense.bias": torch.zeros(5)}


class Code:
    """What a pickle runs."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('code ran')",)


def test_files_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(spec([8], [{"dense": 5}]))
    torch.save({"a": Code()}, tmp_path / "code.pt")
    torch.save([1], tmp_path / "list.pt")
    for name in ("text.pt", "text.keras", "text.weights.h5", "text.safetensors", "text.bin"):
        (tmp_path / name).write_text("no weights")
    with zipfile.ZipFile(tmp_path / "empty.keras", "w"):
        pass
    good = {"dense.weight": torch.ones(5, 8), "dense.bias": torch.zeros(5)}
    torch.save(good, tmp_path / "good.pt")
    for source, target, reason in (
        ("code.pt", "o.keras", "it is no file of weights alone"),
        ("list.pt", "o.keras", "expected a state_dict"),
        ("text.pt", "o.keras", "it is no file of weights alone"),
        ("text.keras", "o.pt", "cannot read"),
        ("empty.keras", "o.pt", "model.weights.h5"),
        ("text.weights.h5", "o.pt", "cannot read"),
        ("text.safetensors", "o.keras", "cannot read"),
        ("text.bin", "o.pt", "expected a file that ends in .keras, .weights.h5 of Keras, .pt"),
        ("missing.pt", "o.keras", "No such file"),
        ("good.pt", "no/such/o.keras", "cannot write"),
        ("good.pt", "o.h5", "expected a file that ends in"),
    ):
        arguments = [str(path), str(tmp_path / source), "-o", str(tmp_path / target)]
        assert main(["convert", *arguments]) == 2, source
        told = capsys.readouterr().err
        assert reason in told, (source, told)
        assert told.startswith("specc: ")
    assert (
        main(["convert", str(path), str(tmp_path / "good.pt"), "-o", str(tmp_path / "o.keras")])
        == 0
    )
    assert capsys.readouterr().out == f"wrote {tmp_path / 'o.keras'}: 45 weights\n"
    monkeypatch.setitem(sys.modules, "safetensors", None)
    arguments = [str(path), str(tmp_path / "good.pt"), "-o", str(tmp_path / "o.safetensors")]
    assert main(["convert", *arguments]) == 2
    assert "pip install safetensors" in capsys.readouterr().err
    monkeypatch.setattr(frameworks, "find_spec", lambda name: None if name == "keras" else name)
    assert main(["convert", *arguments]) == 2
    assert "Keras is not installed" in capsys.readouterr().err
