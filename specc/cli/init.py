"""`specc init`: a first spec, or a repository of specs, by questions or by flags."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from specc import __version__
from specc.cli.terminal import print_line, wrong_call
from specc.targets import TARGETS

if TYPE_CHECKING:
    from specc.repository import Outline
    from specc.start import Example

_EXAMPLE = """\
examples:
  specc init
  asks what to start from
  specc init --name my_model
  specc init --from digits_mlp --name my_model -o specs/my_model.yaml
  specc init --repository --output-folder generated --target torch
"""
Answer = TypeVar("Answer")

_CHOICES = (*TARGETS, "all")


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Start a spec: a blank one, or one of the examples with its data. Or make the current "
        "folder a repository of specs: its configuration, a first spec, the schema for editors, "
        "and files for pre-commit and CI. Without options, on a terminal, it asks. No file is ever "
        "overwritten."
    )
    parser.epilog = _EXAMPLE
    parser.add_argument("--list", action="store_true", help="list the examples")
    parser.add_argument(
        "--from", dest="example", metavar="EXAMPLE", help="start a spec from it (default: blank)"
    )
    parser.add_argument("--name", help="name of the new spec (default: as its file)")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the new spec's file (default: NAME.yaml)"
    )
    parser.add_argument(
        "--repository",
        action="store_true",
        help="add [tool.specc] to pyproject.toml, and what else a repository of specs has",
    )
    parser.add_argument(
        "--output-folder", metavar="DIR", help="folder of the programs (default: generated)"
    )
    parser.add_argument("--target", choices=_CHOICES, help="which programs (default: all)")


@dataclass
class _Plan:
    """What is to be made."""

    example: Example | None = None
    name: str = ""
    path: Path = Path()
    outline: Outline | None = None


def run(options: argparse.Namespace) -> int:
    """Start what is asked for, and return the exit status."""
    from specc.start import StartError, examples

    if options.list:
        _print_examples(examples())
        return 0
    try:
        problem = _problem(options)
        if problem:
            return wrong_call(problem)
        return _write(_asked() if _asks(options) else _planned(options))
    except EOFError:
        print()
        return wrong_call("the answers ended, nothing is written")
    except StartError as error:
        return wrong_call(str(error))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return wrong_call(f"cannot write: {reason}")


def _asks(options: argparse.Namespace) -> bool:
    return not options.repository and all(
        option is None for option in (options.example, options.name, options.output)
    )


def _problem(options: argparse.Namespace) -> str | None:
    """Return what is wrong with the options, if anything is."""
    if not options.repository and (options.output_folder is not None or options.target):
        return "--output-folder and --target configure a repository; add --repository"
    if "" in (options.output_folder, options.output):
        return "expected a path, found nothing"
    if _asks(options) and not (sys.stdin.isatty() and sys.stdout.isatty()):
        return (
            "there is no terminal to ask on; say what to start: --name NAME for a blank spec, "
            "--from EXAMPLE (--list lists them) with --name and -o, or --repository with "
            "--output-folder and --target"
        )
    return None


def _planned(options: argparse.Namespace) -> _Plan:
    from specc.repository import OUTPUT
    from specc.start import BLANK, find, place

    plan = _Plan()
    if options.repository:
        plan.outline = _outline(options.output_folder or OUTPUT, options.target or "all")
    if options.example or options.name is not None or options.output:
        plan.example = find(options.example or BLANK)
        stem = Path(options.output).stem if options.output else plan.example.default_name
        plan.name = stem if options.name is None else options.name
        plan.path = Path(options.output or place(plan.name, _folder(plan.outline)))
    return plan


def _folder(outline: Outline | None) -> str | None:
    return outline.folder if outline else None


def _outline(output: str, target: str) -> Outline:
    from specc.repository import outline

    return outline(output, None if target == "all" else [target], __version__)


def _write(plan: _Plan) -> int:
    """Write what is planned, or nothing where a part of it cannot be; tell what comes next."""
    from specc.output import write_files
    from specc.start import BLANK, find, place, started

    if plan.outline and not plan.outline.has_specs and not plan.example:
        plan.example = find(BLANK)  # without a spec there is nothing to build
        plan.name = plan.example.default_name
        plan.path = place(plan.name, plan.outline.folder)
    files = started(plan.example, plan.name, plan.path) if plan.example else {}
    told = [f"wrote {path}" for path in files]
    if plan.outline is not None:
        # Through links, to the files themselves.
        files |= {part.path.resolve(): part.text for part in plan.outline.parts}
        told += [part.told for part in plan.outline.parts]
        told += plan.outline.kept
    write_files(files)
    for line in told:
        print_line(line)
    _tell_next(plan)
    return 0


def _tell_next(plan: _Plan) -> None:
    from specc.repository import hook_commands
    from specc.settings import SettingsError, find_settings
    from specc.start import next_commands

    try:
        settings = find_settings(Path())
    except SettingsError:
        settings = None  # which the next command tells
    commands = next_commands(plan.path, settings) if plan.example else ["specc build"]
    if plan.outline is not None:
        commands += hook_commands()
    print_line("next:")
    for command in commands:
        print_line(f"  {command}")


def _print_examples(found: tuple[Example, ...], numbered: bool = False) -> None:
    width = max(len(example.name) for example in found)
    for number, example in enumerate(found, 1):
        start = f"{number:>3}  " if numbered else ""
        print_line(f"{start}{example.name:<{width}}  {example.description}")


# Questions


def _asked() -> _Plan:
    """Return what the answers of a person ask for."""
    from specc.repository import OUTPUT, is_configured
    from specc.start import BLANK, examples, place

    found = examples()
    _print_examples(found, numbered=True)
    print_line("  -  none of them: make this folder a repository of specs")
    plan = _Plan(example=_ask("start from (number or name)", BLANK, _choice(found)))
    if plan.example:
        plan.name = _ask("name", plan.example.default_name, _name(plan.example))
    known = is_configured(Path())
    question = "make this folder a repository, of which `specc build` builds all specs (y or n)"
    if plan.example is None or (not known and _ask(question, "n", _yes)):
        plan.outline = _outline(OUTPUT, "all")
    if plan.example:
        plan.path = _ask("file", str(place(plan.name, _folder(plan.outline))), _new_file)
    if plan.outline and not known:
        output = _ask("folder of the programs", OUTPUT, str)
        target = _ask(f"programs: {', '.join(TARGETS)} or all", "all", _one_of(*_CHOICES))
        plan.outline = _outline(output, target)
    return plan


def _ask(question: str, default: str, check: Callable[[str], Answer]) -> Answer:
    """Return an answer once it is a good one; the default is taken where there is none."""
    from specc.start import StartError

    shown = f" [{default}]" if default else ""
    while True:
        try:
            return check(input(f"{question}{shown}: ").strip() or default)
        except StartError as error:
            print_line(str(error))


def _choice(found: tuple[Example, ...]) -> Callable[[str], Example | None]:
    from specc.start import StartError, find

    def check(answer: str) -> Example | None:
        if answer == "-":
            return None
        if not answer.isdecimal():
            return find(answer)
        if not 1 <= int(answer) <= len(found):
            raise StartError(f"expected a number from 1 to {len(found)}, found {answer}")
        return found[int(answer) - 1]

    return check


def _name(example: Example) -> Callable[[str], str]:
    from specc.start import named

    def check(answer: str) -> str:
        named(example, answer)
        return answer

    return check


def _new_file(answer: str) -> Path:
    from specc.start import check_new

    check_new(Path(answer))
    return Path(answer)


def _yes(answer: str) -> bool:
    return _one_of("y", "n", "yes", "no")(answer.lower()).startswith("y")


def _one_of(*choices: str) -> Callable[[str], str]:
    from specc.start import StartError

    def check(answer: str) -> str:
        if answer not in choices:
            raise StartError(f"expected {', '.join(choices)}, found {answer!r}")
        return answer

    return check
