"""CPU time of one model's programs by specc and by the two other generators, in one run.

    python tests/benchmarks/bench_others.py PYTHON

PYTHON is that of a virtual environment of its own that has them: `pip install --no-deps besser
neural-dsl`, then what their imports ask for (jinja2 for BESSER; pysnooper, lark, plotly, psutil,
graphviz, torch, onnx, ... for neural-dsl). Each gets the model of specs/digits_mlp.yaml, which
specc alone also trains. specc writes two programs, the others one for PyTorch. A generator that
does not run is told and left out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench_build import BUILD, EMPTY, SMALL, cpu_seconds

BESSER = """
import sys
from besser.BUML.metamodel.nn import NN, DropoutLayer, LinearLayer
from besser.generators.nn.pytorch.pytorch_code_generator import PytorchGenerator
model = NN(name="digits_mlp")
model.add_layer(LinearLayer(name="a", actv_func="relu", in_features=64, out_features=128))
model.add_layer(DropoutLayer(name="b", rate=0.4))
model.add_layer(LinearLayer(name="c", actv_func="softmax", in_features=128, out_features=10))
PytorchGenerator(model=model, output_dir=sys.argv[1]).generate()
"""
NEURAL_DSL = """
import sys
from neural.code_generation.code_generator import generate_code
from neural.parser.parser import ModelTransformer, create_parser
text = '''network DigitsMlp {
  input: (64)
  layers:
    Dense(units=128, activation="relu")
    Dropout(rate=0.4)
    Output(units=10, activation="softmax")
  loss: "sparse_categorical_crossentropy"
  optimizer: Adam(learning_rate=0.001)
}
'''
model = ModelTransformer().transform(create_parser("network").parse(text))
open(sys.argv[1] + "/model.py", "w").write(generate_code(model, "pytorch"))
"""
RUNS = 10


def main(python: str) -> None:
    """Print one line for each generator."""
    commands = {
        "specc": [*BUILD, str(SMALL), "-o"],
        "BESSER": [python, "-c", BESSER],
        "neural-dsl": [python, "-c", NEURAL_DSL],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    units = []
    for _ in range(RUNS):
        units.append(cpu_seconds(EMPTY))
        for name, command in list(commands.items()):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    spent[name].append(cpu_seconds([*command, folder]))
                    assert list(Path(folder).iterdir()), f"{name} wrote nothing"
                except subprocess.CalledProcessError:
                    print(f"{name} does not run in {python}")
                    del commands[name]
    for name in commands:
        ratio = min(spent[name]) / min(spent["specc"])
        print(f"{name:10} {min(spent[name]) / min(units):6.1f} units, {ratio:5.2f} times specc")


if __name__ == "__main__":
    main(sys.argv[1])
