"""`specc init`: a first spec, or a repository's configuration, by questions or by flags."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from specc.cli.terminal import print_line, wrong_call

if TYPE_CHECKING:
    from specc.start import Example

_EXAMPLE = """\
examples:
  specc init
  asks what to start from
  specc init --from digits_mlp --name my_model -o specs/my_model.yaml
  specc init --repository --output-folder generated --target torch
"""
Answer = TypeVar("Answer")

_TARGETS = ("torch", "keras", "all")


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Start a spec from one of the examples, or configure a repository, so that `specc build` "
        "alone builds all its specs. Without options, on a terminal, it asks. No file is ever "
        "overwritten."
    )
    parser.epilog = _EXAMPLE
    parser.add_argument("--list", action="store_true", help="list the examples")
    parser.add_argument("--from", dest="example", metavar="EXAMPLE", help="start a spec from it")
    parser.add_argument("--name", help="name of the new spec (default: as its file)")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the new spec's file (default: NAME.yaml)"
    )
    parser.add_argument(
        "--repository",
        action="store_true",
        help="add [tool.specc] to pyproject.toml, and the programs to .gitattributes",
    )
    parser.add_argument(
        "--output-folder", metavar="DIR", help="folder of the programs (default: generated)"
    )
    parser.add_argument("--target", choices=_TARGETS, help="which programs (default: all)")


@dataclass
class _Plan:
    """What is to be written."""

    example: Example | None = None
    name: str = ""
    path: Path = Path()
    repository: bool = False
    output: str = ""
    target: str = "all"


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
        plan = _planned(options) if options.example or options.repository else _asked()
        return _write(plan)
    except EOFError:
        print()
        return wrong_call("the answers ended, nothing is written")
    except StartError as error:
        return wrong_call(str(error))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return wrong_call(f"cannot write: {reason}")


def _problem(options: argparse.Namespace) -> str | None:
    """Return what is wrong with the options, if anything is."""
    if not options.example and (options.name is not None or options.output is not None):
        return "--name and -o name a new spec; say with --from what it starts from"
    if not options.repository and (options.output_folder is not None or options.target):
        return "--output-folder and --target configure a repository; add --repository"
    if "" in (options.output_folder, options.output):
        return "expected a path, found nothing"
    asks = not options.example and not options.repository
    if asks and not (sys.stdin.isatty() and sys.stdout.isatty()):
        return (
            "there is no terminal to ask on; say what to start: --from EXAMPLE (--list lists "
            "them) with --name and -o, or --repository with --output-folder and --target"
        )
    return None


def _planned(options: argparse.Namespace) -> _Plan:
    from specc.start import OUTPUT, find, place

    plan = _Plan(repository=options.repository, target=options.target or "all")
    plan.output = options.output_folder or OUTPUT
    if options.example:
        plan.example = find(options.example)
        stem = Path(options.output).stem if options.output else plan.example.name
        plan.name = stem if options.name is None else options.name
        plan.path = Path(options.output or place(plan.name, plan.repository))
    return plan


def _write(plan: _Plan) -> int:
    """Write what is planned, or nothing where a part of it cannot be; tell what comes next."""
    from specc.output import write_files
    from specc.start import (
        ATTRIBUTES,
        CONFIGURATION,
        SPECS,
        attributes,
        check_new,
        configured,
        named,
        write_new,
    )

    if not plan.example and not plan.repository:
        return wrong_call("there is nothing to write")
    spec, files = "", {}
    if plan.example:
        spec = named(plan.example, plan.name)
        check_new(plan.path)
    if plan.repository:
        targets = None if plan.target == "all" else [plan.target]
        files[CONFIGURATION] = configured(Path(), [SPECS], plan.output, targets)
        lines = attributes(Path(), plan.output, targets or _TARGETS[:-1])
        if lines is not None:
            files[ATTRIBUTES] = lines
    if plan.example:
        write_new(plan.path, spec)
        print_line(f"wrote {plan.path}")
    if plan.repository:
        write_files({Path(file).resolve(): text for file, text in files.items()})  # through a link
        print_line(f"wrote [tool.specc] into {CONFIGURATION}")
        if ATTRIBUTES in files:
            print_line(f"wrote how git merges programs into {ATTRIBUTES}")
    _tell_next(plan)
    return 0


def _tell_next(plan: _Plan) -> None:
    if plan.example and plan.example.data and not Path(plan.example.data).exists():
        data = plan.example.data
        print_line(f"its data is {data}, which is not here: change it, or run with --data")
    command = "specc build" if plan.repository else f"specc build {plan.path}"
    print_line(f"next: {command}")


def _print_examples(found: tuple[Example, ...], numbered: bool = False) -> None:
    width = max(len(example.name) for example in found)
    for number, example in enumerate(found, 1):
        start = f"{number:>3}  " if numbered else ""
        print_line(f"{start}{example.name:<{width}}  {example.description}")


# Questions


def _asked() -> _Plan:
    """Return what the answers of a person ask for."""
    from specc.start import OUTPUT, examples, is_configured, place

    found = examples()
    _print_examples(found, numbered=True)
    print_line("  -  none, only configure the repository")
    plan = _Plan(example=_ask("start from (number or name)", "", _choice(found)))
    if plan.example:
        plan.name = _ask("name", plan.example.name, _name(plan.example))
    if not is_configured(Path()):
        question = "configure this repository, so that `specc build` builds specs/*.yaml (y or n)"
        plan.repository = _ask(question, "n" if plan.example else "y", _yes)
    if plan.example:
        plan.path = _ask("file", str(place(plan.name, plan.repository)), _new_file)
    if plan.repository:
        plan.output = _ask("folder of the programs", OUTPUT, str)
        plan.target = _ask("programs: torch, keras or all", "all", _one_of(*_TARGETS))
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
