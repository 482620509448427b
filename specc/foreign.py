"""Recognises a file of another tool that was given for a spec: one error instead of many.

Asked when a file has mistakes, and before `specc fmt` writes one anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from specc.diagnostics import Diagnostic, Source, Span, SpeccError
from specc.source import Mapping, Sequence, Tree

_BY_HAND = (
    "specc reads no models; write its layers as a spec, which `specc init` starts, and carry its "
    "weights over with `specc convert`"
)
_CONVERT = "a spec says what the model is; `specc convert SPEC WEIGHTS -o OUT` carries weights over"
_NOT_THIS = "give specc the file with name, input and layers"
_SPEC_ANEW = "its model is written as a spec of its own: `specc init` starts one"


class Kind(NamedTuple):
    """What a file is, and what to do."""

    what: str
    way: str


# How the bytes of a file begin.
_MAGIC = (
    (b"\x89HDF\r\n\x1a\n", Kind("an HDF5 file, as Keras 2 saves models and weights", _CONVERT)),
    (b"\x93NUMPY", Kind("an array of NumPy", "name it in data: {npz: ...}, once it is an npz")),
    (b"\x80\x02", Kind("a pickle, as PyTorch saves weights", _CONVERT)),
    (b"\x80\x03", Kind("a pickle", _CONVERT)),
    (b"\x80\x04", Kind("a pickle", _CONVERT)),
    (b"\x80\x05", Kind("a pickle", _CONVERT)),
    (b"GGUF", Kind("a GGUF file of weights", _CONVERT)),
    (b"PAR1", Kind("a Parquet table", "name it in data: {csv: ...}, once it is a CSV")),
    (b"\x1f\x8b", Kind("a gzip archive", "unpack it first")),
    (b"\x89PNG", Kind("a PNG image", _NOT_THIS)),
    (b"\xff\xd8\xff", Kind("a JPEG image", _NOT_THIS)),
    (b"%PDF", Kind("a PDF", _NOT_THIS)),
    (b"SQLite format 3", Kind("an SQLite database", _NOT_THIS)),
    (b"\x7fELF", Kind("a program", _NOT_THIS)),
)
# What stands in a zip archive that frameworks write.
_IN_ZIP = (
    (b"model.weights.h5", Kind("a model that Keras 3 saved (.keras)", _BY_HAND)),
    (b"data.pkl", Kind("weights that PyTorch saved", _CONVERT)),
    (b".npy", Kind("arrays of NumPy (npz)", "name it in a spec: data: {npz: ...}")),
    (b"xl/workbook", Kind("an Excel workbook", "save it as CSV, and name that: data: {csv: ...}")),
)
_PLAIN_ZIP = Kind("a zip archive", "unpack it first")
_ONNX = re.compile(rb"\x08[\x01-\x0f]\x12.{1,40}?(pytorch|tf2onnx|keras|onnx|skl2onnx)", re.DOTALL)

_DEFINES = r"^(import \w[\w.]*|from \w[\w.]* import .+|(async )?def \w+\(.*|class \w+.*:)\s*(#.*)?$"
_PYTHON = re.compile(_DEFINES, re.MULTILINE)
_TABLE = re.compile(r"^\[\[?[\w.\" -]+\]\]?\s*$\n+^\s*[\w.-]+\s*=", re.MULTILINE)
_MARKUP = re.compile(r"\s*<(!doctype html|html|\?xml|svg)", re.IGNORECASE)
_PROTOTXT = re.compile(r"^(layer|layers|node)\s*\{\s*$", re.MULTILINE)
_PYTHON_FILE = Kind("a Python program", "specc reads no programs; " + _SPEC_ANEW)

# Keys of a document, all of which are there, and what it then is.
_BY_KEYS: tuple[tuple[set[str], Kind], ...] = (
    ({"nbformat", "cells"}, Kind("a Jupyter notebook", "specc reads no programs; " + _SPEC_ANEW)),
    ({"class_name", "config"}, Kind("a Keras model's JSON, as to_json() writes it", _BY_HAND)),
    ({"modelTopology"}, Kind("a model of TensorFlow.js", _BY_HAND)),
    ({"input_features", "output_features"}, Kind("a configuration of Ludwig", _SPEC_ANEW)),
    ({"backbone", "head"}, Kind("a model of Ultralytics (YOLO)", _SPEC_ANEW)),
    ({"nc", "train"}, Kind("a data set of Ultralytics (YOLO)", _NOT_THIS)),
    ({"names", "train", "val"}, Kind("a data set of Ultralytics (YOLO)", _NOT_THIS)),
    ({"task", "mode", "model"}, Kind("a configuration of Ultralytics (YOLO)", _SPEC_ANEW)),
    ({"services"}, Kind("a Docker Compose file", _NOT_THIS)),
    ({"jobs", "on"}, Kind("a workflow of GitHub", _NOT_THIS)),
    ({"jobs", "runs"}, Kind("a workflow of GitHub", _NOT_THIS)),
    ({"runs", "inputs"}, Kind("an action of GitHub", _NOT_THIS)),
    ({"stages", "script"}, Kind("a pipeline of GitLab", _NOT_THIS)),
    ({"repos"}, Kind("a configuration of pre-commit", _NOT_THIS)),
    ({"apiVersion", "kind"}, Kind("a manifest of Kubernetes", _NOT_THIS)),
    ({"channels", "dependencies"}, Kind("an environment of conda", _NOT_THIS)),
    ({"dependencies", "scripts"}, Kind("a package of npm", _NOT_THIS)),
    ({"site_name"}, Kind("a configuration of MkDocs", _NOT_THIS)),
    ({"openapi", "paths"}, Kind("an OpenAPI description", _NOT_THIS)),
    ({"flavors", "artifact_path"}, Kind("a model of MLflow", _NOT_THIS)),
    (
        {"architectures", "model_type"},
        Kind("a configuration of Hugging Face Transformers", _SPEC_ANEW),
    ),
    ({"model_type", "transformers_version"}, Kind("a configuration of Transformers", _SPEC_ANEW)),
    ({"base_model", "datasets"}, Kind("a configuration of Axolotl", _SPEC_ANEW)),
    ({"trainer", "model"}, Kind("a configuration of PyTorch Lightning", _SPEC_ANEW)),
    ({"class_path", "init_args"}, Kind("a configuration of PyTorch Lightning", _SPEC_ANEW)),
    ({"_target_"}, Kind("a configuration of Hydra", _SPEC_ANEW)),
    ({"defaults", "hydra"}, Kind("a configuration of Hydra", _SPEC_ANEW)),
    ({"images", "annotations", "categories"}, Kind("annotations of COCO", _NOT_THIS)),
    ({"_BASE_", "MODEL"}, Kind("a configuration of Detectron2", _SPEC_ANEW)),
    ({"stages"}, Kind("a pipeline of DVC", _NOT_THIS)),
    ({"$schema", "properties"}, Kind("a JSON Schema", _NOT_THIS)),
    ({"tool", "build-system"}, Kind("a pyproject", _NOT_THIS)),
)
_HYDRA = Kind("a configuration of Hydra", _SPEC_ANEW)
_PLAYBOOK = Kind("a playbook of Ansible", _NOT_THIS)


def refuse_foreign(source: Source, tree: Tree | None) -> None:
    """Raise an error where a text is a file of another tool.

    Arguments:
        tree: What its YAML holds, or None where it is no YAML.

    Errors:
        SpeccError: it is one.
    """
    kind = _of_tree(tree) if tree is not None else None
    kind = kind or _of_text(source.text)
    if kind is not None:
        raise SpeccError([_told(kind, source)])


def refuse_binary(data: bytes, name: str) -> None:
    """Raise an error where bytes, which are no text, are a file of another tool.

    Errors:
        SpeccError: they are one.
    """
    kind = _of_bytes(data)
    if kind is not None:
        raise SpeccError([_told(kind, Source(name, ""))])


def _told(kind: Kind, source: Source) -> Diagnostic:
    end = len(source.line(1)) + 1
    span = Span(source, 1, 1, 1, max(end, 2))
    return Diagnostic("E111", f"expected a spec, found {kind.what}", span, kind.way)


def _of_bytes(data: bytes) -> Kind | None:
    if data.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _IN_ZIP if mark in data), _PLAIN_ZIP)
    if _ONNX.match(data):
        return Kind("a model in ONNX", _BY_HAND)
    if data[4:8] == b"TFL3":
        return Kind("a model of TensorFlow Lite", _BY_HAND)
    if data[8:10] == b'{"' and int.from_bytes(data[:8], "little") < len(data):
        return Kind("weights in a safetensors file", _CONVERT)
    return next((kind for mark, kind in _MAGIC if data.startswith(mark)), None)


def _of_text(text: str) -> Kind | None:
    kind = _of_bytes(text[:64].encode("utf-8", "surrogatepass"))
    if kind is not None:
        return kind
    if _MARKUP.match(text):
        return Kind("a page of HTML or XML", _NOT_THIS)
    if _TABLE.search(text):
        return Kind("a TOML or INI file", _NOT_THIS)
    if _PROTOTXT.search(text):
        return Kind("a network of Caffe (prototxt)", _BY_HAND)
    return _PYTHON_FILE if len(_PYTHON.findall(text)) > 1 else None


def _of_tree(tree: Tree) -> Kind | None:
    if isinstance(tree, Sequence):
        first = next(iter(tree.items), None)
        keys = _keys(first) if isinstance(first, Mapping) else set()
        return _PLAYBOOK if "hosts" in keys and keys & {"tasks", "roles"} else None
    if not isinstance(tree, Mapping):
        return None
    keys = _keys(tree)
    if _is_spec(keys):
        return None
    for needed, kind in _BY_KEYS:
        if needed <= keys:
            return kind
    return _HYDRA if any(_targets(value) for _, value in tree.entries) else None


def _keys(tree: Mapping) -> set[str]:
    return {str(key.value) for key, _ in tree.entries}


def _is_spec(keys: Collection[str]) -> bool:
    """Tell whether a document has the keys of a spec, whatever else it has."""
    own = ("input", "layers", "optimizer", "loss", "metrics", "training")
    return sum(key in keys for key in own) > 1


def _targets(tree: Tree) -> bool:
    return isinstance(tree, Mapping) and "_target_" in _keys(tree)


def is_json(source: Source) -> bool:
    """Tell whether a text is JSON, whose layout other tools look after."""
    import json

    if not source.text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(source.text)
    except (ValueError, RecursionError):
        return False
    return True
