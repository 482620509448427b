"""How a spec starts: from one of the examples, with its data, and what to do next."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

from specc.diagnostics import Source, SpeccError, did_you_mean
from specc.fresh import program_file
from specc.pipeline import front
from specc.settings import Settings
from specc.source import Mapping, Tree, is_text, load, plain
from specc.targets import TARGETS

BLANK = "blank"
_BLANK_NAME = "my_model"  # of a spec that starts from it
# It names classes that a checkout alone has.
_LEFT_OUT = ("custom_layer",)
_ABOUT_DATA = "README.md"  # where the data comes from, and its licence
_PLAIN = re.compile(r"[^\W\d][\w./-]*(?: [\w./-]+)*")  # what `specc fmt` has without quotes
# What the program of each target imports; the first that is installed is the one to run.


class StartError(Exception):
    """Raised where a file cannot be made; its text says why."""


@dataclass(frozen=True, slots=True)
class Example:
    """A spec to start from.

    Attributes:
        name: As `digits_mlp`.
        description: What it is, in a line.
        text: The spec's text.
        data: Keys that lead to the name of its data, where that is packed with it.
        packed: The file of its data, likewise.
    """

    name: str
    description: str
    text: str
    data: tuple[str, ...] = ()
    packed: Path | None = None

    @property
    def default_name(self) -> str:
        """The name of a spec that starts from it, unless another is given."""
        return _BLANK_NAME if self.name == BLANK else self.name


def examples_folder() -> Path:
    """Return where the examples lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "specs"
    return installed if installed.is_dir() else package.parent / "specs"


def examples() -> tuple[Example, ...]:
    """Return the specs to start from: the blank one, and the others in the order of their names."""
    paths = sorted(examples_folder().glob("*.yaml"), key=lambda p: (p.stem != BLANK, p.stem))
    return tuple(_example(path) for path in paths if path.stem not in _LEFT_OUT)


def _example(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    values = plain(load(Source(path.name, text)))
    ((word, value),) = values.get("data", {"": ""}).items()
    packed = path.parent / "data" / Path(str(value)).name
    known = values["name"], values["description"], text
    return Example(*known, ("data", word), packed) if packed.is_file() else Example(*known)


def find(name: str) -> Example:
    """Return the example of a name.

    Errors:
        StartError: there is none.
    """
    known = {example.name: example for example in examples()}
    if name not in known:
        hint = did_you_mean(name, known) or "`specc init --list` lists them"
        raise StartError(f"expected the name of an example, found {name!r}; {hint}")
    return known[name]


def named(example: Example, name: str) -> str:
    """Return the text of an example under another name, its comments kept.

    Errors:
        StartError: a spec cannot have this name.
    """
    text = _with(example.text, ("name",), name)
    try:
        front(Source("spec.yaml", text))
    except SpeccError as error:
        found = error.diagnostics[0]
        hint = f"; {found.hint}" if found.hint else ""
        raise StartError(found.message + hint) from None
    return text


def _with(text: str, keys: Sequence[str], value: str) -> str:
    """Return a spec's text with a string in place of the one to which keys lead."""
    tree: Tree = load(Source("spec.yaml", text))
    for key in keys:
        assert isinstance(tree, Mapping)
        tree = next(inner for found, inner in tree.entries if found.value == key)
    span, lines = tree.span, text.split("\n")
    line = lines[span.line - 1]
    harmless = _PLAIN.fullmatch(value) and is_text(value)
    written = value if harmless else json.dumps(value, ensure_ascii=False)
    lines[span.line - 1] = line[: span.column - 1] + written + line[span.end_column - 1 :]
    return "\n".join(lines)


def started(example: Example, name: str, path: Path) -> dict[Path, str | bytes]:
    """Return the files of a new spec, by where they go: the spec, and the example's packed data.

    The data goes to the folder `data` beside the spec, which names it. What is there already is not
    among the files.

    Errors:
        StartError: a spec cannot have this name, or another file is in the place of one.
    """
    text = named(example, name)
    check_new(path)
    if example.packed is None:
        return {path: text}
    place = path.parent / "data" / example.packed.name
    files: dict[Path, str | bytes] = {path: _with(text, example.data, place.as_posix())}
    content = example.packed.read_bytes()
    if not (place.is_file() and place.read_bytes() == content):
        check_new(place)
        files[place] = content
    about = place.with_name(_ABOUT_DATA)
    if not os.path.lexists(about):
        files[about] = example.packed.with_name(_ABOUT_DATA).read_bytes()
    return files


def place(name: str, folder: str | None = None) -> Path:
    """Return where a spec of that name goes by default.

    Arguments:
        folder: Where the repository's configuration looks for specs, if it has one.
    """
    if folder is None:
        folder = "specs" if Path("specs").is_dir() else ""
    return Path(folder, f"{name}.yaml")


def check_new(path: Path) -> None:
    """Check that nothing is in the place of a file.

    Errors:
        StartError: something is.
    """
    if os.path.lexists(path):
        raise StartError(f"{path} is there already, and is left as it is")


def next_commands(path: Path, settings: Settings | None) -> list[str]:
    """Return the commands that build a new spec and run its program, for a shell in this folder.

    Arguments:
        path: Where the spec is.
        settings: The repository's configuration, if it has one.
    """
    program, _ = front(Source(path.name, path.read_text(encoding="utf-8")))
    spec = quote(path.as_posix())
    listed = settings.spec_files() if settings else ()
    covered = any(found.samefile(path) for found in listed)
    commands = ["specc build" if covered else f"specc build {spec}"]
    install, run = _running(program.name, settings)
    if program.fit is not None:
        data = program.fit.data_file or f"{program.name}.npz"
        if program.fit.data_file is None:
            run += f" --data {quote(data)}"
        if not Path(data).exists():
            commands.append(f"specc sample {spec}")
            run += " --epochs 1"  # there is nothing to learn in random data
    return [*install, *commands, run]


def _running(name: str, settings: Settings | None) -> tuple[list[str], str]:
    """Return the command that installs what a program imports, where it lacks, and its own."""
    targets = list(settings.outputs) if settings else list(TARGETS)
    installed = [target for target in targets if _can_run(target)]
    target = (installed or targets)[0]
    folder = os.path.relpath(settings.outputs[target]) if settings else "."
    file = Path(folder, program_file(name, target)).as_posix()
    install = [] if installed else [f"pip install {quote(f'specc[{target}]')}"]
    return install, f"python {quote(file)}"


def _can_run(target: str) -> bool:
    """Tell whether what a target's programs import is installed."""
    needed = TARGETS[target].runs_on
    return not needed or bool(find_spec(needed))
