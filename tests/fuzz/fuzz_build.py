"""Fuzz the compiler, guided by coverage: `python tests/fuzz/fuzz_build.py -max_total_time=600`.

Takes the options of libFuzzer, and folders of inputs to begin with and to keep new ones in. The
specs of this repository are always among those to begin with. It ends with an error at the first
input that breaks what `target.py` says, and leaves this input in a file `crash-*`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

sys.path[:0] = map(str, [Path(__file__).parent, *Path(__file__).parents[1:3]])
with atheris.instrument_imports(include=["specc"]):
    import specc.fit
    import specc.pipeline
    import specc.render
    import specc.resolve
    import specc.source
    import specc.targets.keras.program
    import specc.targets.torch.program
    import specc.validate  # noqa: F401

import yaml  # noqa: E402
from mutation import FIELDS, PIECES, WORDS, dump, mutated_text, mutated_tree  # noqa: E402
from target import check_bytes, corpus  # noqa: E402

SLOWNESS = 10.0  # each branch of Python counted, on a machine that does something else as well
SEEDS = corpus()
TEXTS = [seed.decode("utf-8", "replace") for seed in SEEDS]


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Return the bytes changed as a spec, as text or as bytes."""
    random = Random(seed)
    kind = random.randrange(10)
    text = data.decode("utf-8", "replace")
    if kind < 6:
        try:
            return dump(mutated_tree(random, yaml.safe_load(text))).encode()[:max_size]
        except (yaml.YAMLError, ValueError, TypeError, RecursionError):
            kind = 6
    if kind < 9:
        return mutated_text(random, text, TEXTS).encode("utf-8", "replace")[:max_size]
    return bytes(atheris.Mutate(data, max_size))


def one(data: bytes) -> None:
    """Check one input."""
    check_bytes(data, SLOWNESS)


def main() -> None:
    """Run libFuzzer with the options of the command line."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        new = Path(folder, "new")
        seeds.mkdir()
        new.mkdir()
        for number, seed in enumerate(SEEDS):
            (seeds / f"{number}.yaml").write_bytes(seed)
        words = sorted({*WORDS, *FIELDS, *PIECES})
        lines = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words]
        dictionary = Path(folder, "words.dict")
        dictionary.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
        options = [a for a in sys.argv[1:] if a.startswith("-")]
        folders = [a for a in sys.argv[1:] if not a.startswith("-")] or [str(new)]
        options += [f"-dict={dictionary}", "-timeout=30", "-max_len=20000"]
        atheris.Setup([sys.argv[0], *options, *folders, str(seeds)], one, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
