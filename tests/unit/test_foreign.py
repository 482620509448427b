"""Files of other tools are recognised, in one error; specs with mistakes are not taken for one."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from specc.cli import main
from specc.diagnostics import Source
from specc.foreign import is_json
from specc.pipeline import compile_bytes

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
WRONG = sorted((ROOT / "tests" / "errors").glob("*/spec.yaml"))


def zipped(*names: str) -> bytes:
    """Return a zip archive with files of these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, bytes(range(256)))
    return buffer.getvalue()


DENSE = {"class_name": "Dense", "config": {"units": 3}}
KERAS = {"module": "keras", "class_name": "Functional", "config": {"layers": [DENSE]}}
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}
BERT = {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 768}
HEADER = b'{"__metadata__": {}}'

FILES = {
    "model.keras": (zipped("metadata.json", "config.json", "model.weights.h5"), "Keras 3 saved"),
    "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(64), "HDF5"),
    "model.json": (json.dumps(KERAS).encode(), "Keras model's JSON"),
    "indented.json": (json.dumps(KERAS, indent=2).encode(), "Keras model's JSON"),
    "model.pt": (zipped("archive/data.pkl", "archive/data/0"), "PyTorch saved"),
    "old.pt": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "pickle"),
    "model.onnx": (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\xff", "ONNX"),
    "model.tflite": (b"\x1c\x00\x00\x00TFL3\xff\xfe\x00", "TensorFlow Lite"),
    "model.safetensors": (len(HEADER).to_bytes(8, "little") + HEADER + b"\xff", "safetensors"),
    "data.npz": (zipped("x_train.npy"), "npz"),
    "x.npy": (b"\x93NUMPY\x01\x00v\x00", "NumPy"),
    "table.parquet": (b"PAR1\x15\x04\xff", "Parquet"),
    "table.xlsx": (zipped("xl/workbook.xml"), "Excel"),
    "photo.png": (b"\x89PNG\r\n\x1a\n\xff", "PNG"),
    "notebook.ipynb": (json.dumps(NOTEBOOK).encode(), "Jupyter"),
    "model.py": (
        b"import torch\nfrom torch import nn\n\nclass Net(nn.Module):\n    pass\n",
        "Python",
    ),
    "keras.py": (b"import keras\nmodel = keras.Sequential()\ndef main():\n    pass\n", "Python"),
    "config.json": (json.dumps(BERT).encode(), "Hugging Face"),
    "ludwig.yaml": (
        b"input_features:\n  - {name: a, type: text}\noutput_features:\n  - {name: b, type: set}\n"
        b"training: {epochs: 3}\n",
        "Ludwig",
    ),
    "yolov8.yaml": (
        b"nc: 80\nscales:\n  n: [0.33, 0.25, 1024]\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\n"
        b"head:\n  - [-1, 1, nn.Upsample, [None, 2, nearest]]\n",
        "Ultralytics",
    ),
    "coco8.yaml": (
        b"path: coco8\ntrain: images/train\nval: images/val\nnames: {0: cat}\n",
        "Ultra",
    ),
    "args.yaml": (b"task: detect\nmode: train\nmodel: yolov8n.pt\nepochs: 3\n", "Ultralytics"),
    "docker-compose.yml": (b'version: "3"\nservices:\n  app: {image: python}\n', "Docker Compose"),
    "ci.yml": (b"name: ci\non: [push]\njobs:\n  test: {runs-on: ubuntu-latest}\n", "GitHub"),
    "pre-commit.yaml": (b"repos:\n  - repo: https://x\n    rev: v1\n", "pre-commit"),
    "pod.yaml": (b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "Kubernetes"),
    "environment.yml": (b"name: a\nchannels: [defaults]\ndependencies: [python]\n", "conda"),
    "lightning.yaml": (
        b"seed_everything: 1\ntrainer: {max_epochs: 3}\nmodel: {class_path: a.B, init_args: {}}\n",
        "Lightning",
    ),
    "hydra.yaml": (b"net:\n  _target_: torch.nn.Linear\n  in_features: 3\n", "Hydra"),
    "defaults.yaml": (b"defaults: [_self_, {model: a}]\nhydra: {run: {dir: a}}\n", "Hydra"),
    "play.yaml": (b"- hosts: all\n  tasks: []\n", "Ansible"),
    "pyproject.toml": (b'[build-system]\nrequires = ["hatchling"]\n', "TOML"),
    "net.prototxt": (b'name: "LeNet"\nlayer {\n  name: "conv1"\n}\n', "Caffe"),
    "page.html": (b"<!DOCTYPE html>\n<html><body>a: b: c</body></html>\n", "HTML"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_tool_is_one_error(name: str) -> None:
    data, what = FILES[name]
    [found] = compile_bytes(data, name).diagnostics
    assert found.code == "E111"
    assert what in found.message
    assert found.hint
    assert found.render().startswith(f"{name}:1:1: error E111: expected a spec, found ")


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.parent.name)
def test_a_spec_with_mistakes_is_a_spec(path: Path) -> None:
    found = compile_bytes(path.read_bytes(), "spec.yaml").diagnostics
    assert ("E111" in {d.code for d in found}) == path.parent.name.startswith("another_tools")


@pytest.mark.parametrize(
    "text",
    [
        "name: a\nmodel: []\ntrainer: {}\ninput: [3]\nlayers: [dens: 3]\n",
        "name: a\ninput: [3]\nservices: {}\nlayers: [dens: 3]\n",
        "optimizer: adam\nloss: mse\nstages: [1]\n",
        "name: a\ninputs: {a: [3]}\nlayers: []\n",
        '{"name": "a", "input": [3], "layers": ["dens"]}',
        "# import keras\n# def f():\nname: a\n",
        "name: a\ndescription: import of things\ninput: [3]\nlayers: [dens]\n",
    ],
)
def test_a_wrong_spec_is_not_taken_for_another_file(text: str) -> None:
    found = compile_bytes(text.encode(), "spec.yaml").diagnostics
    assert found
    assert "E111" not in {d.code for d in found}


# specc fmt


def fmt(path: Path, *options: str) -> int:
    """Return the exit status of `specc fmt`."""
    return main(["fmt", str(path), *options])


SPEC = '{"name": "a", "input": [3],\n "layers": [{"dense": 3}]}\n'


@pytest.mark.parametrize("options", [(), ("--check",), ("--diff",)])
def test_fmt_leaves_json_alone(
    tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {"spec.json": SPEC, "model.json": json.dumps(KERAS), "a.json": "[1]"}.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert fmt(path, *options) == 0
        assert path.read_text(encoding="utf-8") == text
        told = capsys.readouterr()
        assert told.err == f"left {path} as it is: it is JSON\n"
        assert told.out == ""


def test_fmt_gives_json_back_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Input:
        buffer = io.BytesIO(SPEC.encode())

    monkeypatch.setattr("sys.stdin", Input)
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out == SPEC


def test_fmt_refuses_the_file_of_another_tool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "docker-compose.yml"
    text = FILES["docker-compose.yml"][0].decode()
    path.write_text(text, encoding="utf-8")
    assert fmt(path) == 1
    assert path.read_text(encoding="utf-8") == text
    assert re.search("error E111: .*Docker Compose", capsys.readouterr().err)


def test_a_flow_mapping_of_yaml_is_no_json() -> None:
    assert not is_json(Source("a", "{name: a, input: [3], layers: [dense: 3]}"))
    assert not is_json(Source("a", "name: a"))
    assert not is_json(Source("a", "[" * 100_000))
    assert is_json(Source("a", SPEC))
