"""`specc show`: tests/show/<name>.txt, .md and .json of specs, and specs written out in full.

`SPECC_UPDATE=1 pytest tests/golden/test_show.py` writes the expected texts anew; read the
difference.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from specc import pipeline
from specc.canonical import canonical
from specc.cli import main
from specc.diagnostics import Source
from specc.examples import example
from specc.overrides import Change
from specc.pipeline import Compilation, compile_source, front
from specc.program import Program
from specc.show import show
from specc.spec.catalogue import CATALOGUE, load
from specc.spec.word import Constraint, Optimizer, Regularizer, Word
from specc.tables import WIDTH, as_markdown, as_table, brief, memory
from specc.targets import TARGETS
from specc.written_out import written_out

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "show"
SPECS = {
    **{path.stem: path for path in sorted((ROOT / "specs").glob("*.yaml"))},
    **{path.parent.name: path for path in sorted((ROOT / "tests" / "cases").glob("*/spec.yaml"))},
}
SHOWN = ("digits_cnn", "text_bilstm", "images_of_any_size", "custom_layer")
FORMATS = {"table": "txt", "markdown": "md", "json": "json"}
# Words that do not break make these wider.
WIDE = {"conv_lstm", "regularizers", "separable", "video"}


def source_of(name: str) -> Source:
    """Return the text of a spec."""
    return Source(SPECS[name].name, SPECS[name].read_text(encoding="utf-8"))


def model(*layers: str, **more: str) -> Program:
    """Return a model of layers in a flow mapping, with further keys of the document."""
    keys = {"name": "m", "input": "[4]", "layers": f"[{', '.join(layers)}]", **more}
    text = "\n".join(f"{key}: {value}" for key, value in keys.items())
    return front(Source("m.yaml", text + "\n"))[0]


# What is shown


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", SHOWN)
def test_text_is_the_committed_one(
    name: str, form: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["show", str(SPECS[name]), "--format", form]) == 0
    text = capsysbinary.readouterr().out.decode()
    path = GOLDEN / f"{name}.{FORMATS[form]}"
    if os.environ.get("SPECC_UPDATE") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def test_every_golden_text_is_of_a_spec() -> None:
    expected = {f"{name}.{end}" for name in SHOWN for end in FORMATS.values()}
    assert {path.name for path in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize(
    ("name", "parameters", "trainable", "multiply_adds"),
    [
        ("vgg16", 138_357_544, 138_357_544, 15_470_264_320),  # as torchvision's, fvcore's 15.47 G
        ("digits_cnn", 21_674, 21_482, 315_904),
        ("gru_forecast", 12_565, 12_565, 576_080),
        ("frozen", 824, 114, 17_812),
    ],
)
def test_totals(name: str, parameters: int, trainable: int, multiply_adds: int) -> None:
    shown = show(front(source_of(name))[0])
    totals = shown.parameters, shown.trainable, shown.multiply_adds
    assert [total.value for total in totals] == [parameters, trainable, multiply_adds]
    assert all(total.whole for total in totals)


def test_memory_of_activations() -> None:
    program = model("{dense: 3}", "{dense: 5}", optimizer="sgd", loss="mse", training="{}")
    text = as_table(show(program))
    assert "32 B in float32 for one sample, 1.0 KiB for a batch of 32" in text
    assert "parameters     35 (140 B in float32), all trainable" in text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (3 * 1024**4, "3.0 TiB"),
        (2048 * 1024**4, "2,048.0 TiB"),
    ],
)
def test_memory(count: int, text: str) -> None:
    assert memory(count) == text


def test_totals_of_what_is_not_known() -> None:
    custom = "{custom: {keras: 'a:B', torch: 'a:B'}}"
    shown = show(model("{dense: 3}", custom))
    assert (shown.parameters.value, shown.parameters.whole) == (15, False)
    text = as_table(shown)
    assert "at least 15 (60 B in float32), at least 15 trainable" in text
    assert "at least 12 for one sample" in text
    data = json.loads(json_of("custom_layer"))
    assert data["totals"]["at_least"] == ["parameters", "trainable_parameters", "multiply_adds"]
    assert data["layers"][0]["parameters"] is None


def json_of(name: str) -> str:
    """Return the committed JSON of a spec."""
    return (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_layers_within_others_count_once() -> None:
    data = json.loads(json_of("text_bilstm"))
    (outer,) = (layer for layer in data["layers"] if layer["name"] == "bidirectional_1")
    assert outer["parameters"] == sum(inner["parameters"] for inner in outer["layers"]) == 98_816
    assert outer["weights"] == []
    assert sum(layer["parameters"] for layer in data["layers"]) == data["totals"]["parameters"]


def test_every_layer_of_a_note_has_its_code() -> None:
    normalized = ["batch_normalization"] * 6
    shown = show(model("{dense: 3}", *normalized, optimizer="sgd", loss="mse", training="{}"))
    assert [row.differs for row in shown.rows] == [(), *[("N203",)] * 6]
    assert as_table(shown).count("N203") == 7
    exact = model(
        "{dense: 3}", *normalized, fidelity="exact", optimizer="sgd", loss="mse", training="{}"
    )
    assert "nothing differs between the targets" in as_table(show(exact))


def test_a_note_is_on_the_outer_layer() -> None:
    layer = "{time_distributed: batch_normalization}"
    words = {"optimizer": "sgd", "loss": "mse", "training": "{}"}
    shown = show(model(layer, "{dense: 3}", input="[5, 4]", **words))
    assert shown.rows[0].differs == ("N203",)
    assert shown.rows[0].within[0].differs == ()


def test_notes_of_an_optimizer_are_on_their_layers() -> None:
    layers = "{embedding: {input_dim: 9, output_dim: 4}}", "{bidirectional: {layer: {gru: 3}}}"
    words = {"input": "{shape: [6], dtype: int32}", "loss": "mse", "training": "{}"}
    shown = show(model(*layers, "{dense: 1}", optimizer="lamb", **words))
    assert [row.differs for row in shown.rows] == [("N205",), ("N225",), ()]
    # Nothing is added up where a penalty reaches every token, nor squared by plain sgd.
    penal = "{embedding: {input_dim: 9, output_dim: 4, embeddings_regularizer: l2}}"
    for first, optimizer in ((penal, "adam"), (layers[0], "sgd")):
        rows = show(model(first, "flatten", "{dense: 1}", optimizer=optimizer, **words)).rows
        assert [row.differs for row in rows] == [(), (), ()]


@pytest.mark.parametrize("optimizer", ["adafactor", "muon", "lamb"])
def test_a_note_that_names_layers_is_on_them(optimizer: str) -> None:
    layers = "{conv1d: {filters: 3, kernel_size: 2}}", "{gru: 3}", "{dense: 1}"
    words = {"input": "[6, 1]", "loss": "mse", "training": "{}", "fidelity": "exact"}
    shown = show(model(*layers, optimizer=optimizer, **words))
    names = {str(row.node.name) for row in shown.rows}
    named = 0
    for found in shown.differences:
        told = found.note.message.partition(":")[0].split(", ")
        expected = tuple(dict.fromkeys(part.partition(".")[0] for part in told))
        assert found.layers == (expected if names.issuperset(expected) else ())
        named += bool(found.layers)
    assert named


def test_initializers_and_regularizers() -> None:
    kernel = "kernel_initializer: he_normal, bias_initializer: ones, kernel_regularizer: l2"
    more = "bias_regularizer: {l1: 0.5}, activity_regularizer: {l1_l2: {l2: 0.1}}, trainable: false"
    text = as_table(show(model(f"{{dense: {{units: 3, {kernel}, {more}}}}}")))
    for part in ("he_normal", "bias ones", "l2 0.01", "bias l1 0.5", "output l1_l2", "frozen"):
        assert part in text
    plain = as_table(show(model("{dense: 3}", "batch_normalization")))
    assert "zeros" not in plain
    assert "regularizer" not in plain


def test_words_in_a_few_characters() -> None:
    words = {"optimizer": "{sgd: {momentum: 0.9}}", "loss": "{huber: 2}", "training": "{}"}
    fit = model("{dense: 3}", **words).fit
    assert fit is not None
    assert brief(fit.optimizer, "learning_rate") == "sgd learning_rate=0.01, momentum=0.9"
    assert brief(fit.head.loss) == "huber delta=2.0"


def test_a_schedule() -> None:
    rate = "{cosine_decay: {initial_learning_rate: 0.1, decay_steps: 9}}"
    words = {"optimizer": f"{{sgd: {{learning_rate: {rate}}}}}", "loss": "mse", "training": "{}"}
    shown = show(model("{dense: 3}", **words))
    assert "schedule       cosine_decay initial_learning_rate=0.1, decay_steps=9" in as_table(shown)


@pytest.mark.parametrize("name", SPECS)
def test_tables_are_narrow(name: str) -> None:
    text = as_table(show(front(source_of(name))[0]))
    assert (max(map(len, text.split("\n"))) <= WIDTH) == (name not in WIDE)
    assert not any(line != line.rstrip() for line in text.split("\n"))


def test_nothing_of_a_spec_is_markup() -> None:
    program = model("{dense: 3}", description='"<b>|`[x](http://y)\\n# no\\e"')
    text = as_markdown(show(program))
    assert r"\<b\>\|\`\[x\](http://y) # no\\x1b" in text
    assert "\x1b" not in as_table(show(program))


@pytest.mark.parametrize(("text", "mark"), [("# a", "\\# a"), ("- a", "\\- a"), ("1. a", "1\\. a")])
def test_a_description_is_no_heading_or_list(text: str, mark: str) -> None:
    program = model("{dense: 3}", description=json.dumps(text))
    assert as_markdown(show(program)).split("\n")[2] == mark


def test_json_is_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec = tmp_path / "m.yaml"
    layer = "custom: {keras: 'a:B', torch: 'a:B', arguments: {x: [.inf, .nan]}}"
    spec.write_text(f"name: m\ninput: [4]\nlayers: [{{{layer}}}]\n")
    assert main(["show", str(spec), "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert data["layers"][0]["arguments"]["arguments"] == {"x": ["inf", "nan"]}


# A spec written out


# What a program names as a constant where the spec writes it, its default though it may be.
NAMED: tuple[type[Word], ...] = (Optimizer, Regularizer, Constraint)


def words_of(value: Any) -> Iterator[Word]:
    """Yield the words that a value holds, itself included."""
    if isinstance(value, Word):
        yield value
        for name in type(value).model_fields:
            yield from words_of(getattr(value, name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from words_of(inner)


def as_if_written(program: Program) -> Program:
    """Have the optimizer, regularizers and constraints of a program as if written in full."""
    tops: list[Any] = [node.layer for node in program.graph.nodes]
    for word in words_of((*tops, program.fit.optimizer if program.fit else None)):
        if isinstance(word, NAMED):
            object.__setattr__(word, "__pydantic_fields_set__", set(type(word).model_fields))
    return program


def front_as_if_written(source: Source, changes: Sequence[Change] = ()) -> tuple[Any, Any]:
    """Stand for `pipeline.front`, with what a program names as a constant written in full."""
    program, notes = front(source, changes)
    return as_if_written(program), notes


def check_written_out(source: Source, monkeypatch: pytest.MonkeyPatch) -> str:
    """Check that a spec and the same written out give the same programs; return the latter.

    But for constants: `LEARNING_RATE` and factors of penalties are named where a spec writes them.
    The programs are those of the spec as if it wrote these.
    """
    program, _ = front(source)
    text = written_out(program)
    written = Source(source.name, text)
    assert canonical(written) == text
    found = compile_source(written)
    assert found.ok, [d.render() for d in found.diagnostics]
    assert found.program is not None
    assert written_out(found.program) == text
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "front", front_as_if_written)
        expected = compile_source(source)
    assert bodies(found) == bodies(expected)
    return text


def bodies(compilation: Compilation) -> dict[str, list[str]]:
    """Return the programs without the lines that name the spec and its digest."""
    return {name: text.split("\n")[2:] for name, text in compilation.files.items()}


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_written_out_is_the_same_model(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_written_out(source_of(name), monkeypatch)


def test_programs_are_the_same_bytes() -> None:
    """Nothing is excepted where a spec writes its learning rate and its factors."""
    others = set()
    for path in sorted((ROOT / "specs").glob("*.yaml")):
        program, _ = front(source_of(path.stem))
        written = compile_source(Source(path.name, written_out(program)))
        if bodies(written) != bodies(compile_source(source_of(path.stem))):
            others.add(path.stem)
    assert others == {"mnist_sigmoid", "text_bilstm"}  # `optimizer: adam`


@pytest.mark.parametrize("family", CATALOGUE)
def test_every_word_can_be_written_out(family: str) -> None:
    for word in CATALOGUE[family]:
        if load(family, word) is not None:
            source = Source("m.yaml", json.dumps(example(family, word)) + "\n")
            program, _ = front(source)
            text = written_out(program)
            again, _ = front(Source("m.yaml", text))
            assert written_out(again) == text, word


def test_all_is_written() -> None:
    inner = "{bidirectional: {layer: {lstm: 3}}}"
    text = written_out(model(inner, input="{shape: [null, 4]}"))
    for part in (
        "recurrent_initializer: ",
        "unit_forget_bias: true",
        "merge_mode: concat",
        "name: bidirectional",
        "fidelity: idiomatic",
        "seed: null",
        "[null, 4] -> [6]",
    ):
        assert part in text
    words = {"optimizer": "adam", "loss": "mse", "metrics": "[accuracy]", "training": "{}"}
    text = written_out(model("{dense: 3}", **words))
    for part in (
        "epsilon: 1e-07",
        "reduction: sum_over_batch_size",
        "batch_size: 32",
        "units: 3",
        "callbacks: []",
        "use_bias: true",
        "# categorical_accuracy",
    ):
        assert part in text


@pytest.mark.parametrize("text", ["a: b # c", "true", "1e3", "é\n\ttwo", "\x1b\x85", "'\"\\"])
def test_texts_are_written_as_they_are(text: str) -> None:
    program = model("{dense: 3}", description=json.dumps(text))
    assert front(Source("m.yaml", written_out(program)))[0].description == text


def test_numbers_of_any_kind_are_written_as_they_are() -> None:
    given = (
        "{a: .inf, b: -.inf, c: 1e-7, d: 3, e: '3', f: true, g: null, h: {1: [x], no: y}, i: ''}"
    )
    custom = f"{{custom: {{keras: 'a:B', torch: 'a:B', arguments: {given}}}}}"
    program = model(custom)
    again, _ = front(Source("m.yaml", written_out(program)))
    assert again.graph.nodes[0].layer == program.graph.nodes[0].layer.model_copy(
        update={"name": "custom"}
    )


# The command


def test_written_out_by_the_command(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["show", "--program", str(SPECS["digits_mlp"])]) == 0
    program, _ = front(source_of("digits_mlp"))
    assert capsysbinary.readouterr().out.decode() == written_out(program)


def test_mistakes_are_told_as_in_build(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(ROOT / "tests" / "errors" / "bad_shapes" / "spec.yaml")
    spec = spec if Path(spec).exists() else str(next((ROOT / "tests" / "errors").glob("*/*.yaml")))
    assert main(["build", spec]) == 1
    told = capsys.readouterr().err
    for more in ([], ["--program"], ["--format", "json"]):
        assert main(["show", spec, *more]) == 1
        assert capsys.readouterr() == ("", told)


def test_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = b"name: m\ninput: [4]\nlayers: [{dense: 3}]\nloss: mse\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert main(["show", "-"]) == 0
    shown = capsys.readouterr()
    assert "dense " in shown.out
    assert shown.err.startswith("<stdin>:4:")  # a note, as in build


def test_wrong_calls(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["show", str(tmp_path / "none.yaml")]) == 2
    assert "cannot read" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["show", "--program", "--format", "json", str(SPECS["digits_mlp"])])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("options", [[], ["--format", "json"], ["--program"]])
def test_a_full_disk_is_told(options: list[str]) -> None:
    command = [sys.executable, "-m", "specc", "show", str(SPECS["digits_mlp"]), *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "specc: cannot write to standard output: No space left on device\n"


def test_a_terminal_without_a_character(tmp_path: Path) -> None:
    spec = tmp_path / "m.yaml"
    spec.write_text("name: m\ndescription: é\ninput: [4]\nlayers: [{dense: 3}]\n", "utf-8")
    command = [sys.executable, "-m", "specc", "show", str(spec)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert done.stdout.startswith(b"m: \\xe9\n")


@pytest.mark.parametrize("options", [[], ["--format", "markdown"], ["--program"]])
def test_it_imports_neither_frameworks_nor_black(options: list[str]) -> None:
    words = ["show", str(SPECS["text_bilstm"]), *options]
    code = (
        f"import sys; from specc.cli import main; main({words});"
        "print({'torch', 'keras', 'tensorflow', 'numpy', 'jinja2', 'black'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


def test_all_targets_are_asked() -> None:
    assert {found.target for found in show(model("{dense: 3}")).differences} <= set(TARGETS)
