"""The command line: a module a verb, which parses and prints and decides nothing.

A module of a verb has `add`, which gives the parser of the verb its options, and `run`, which
returns the exit status. It is imported when its verb is asked for.

Exit status: 0 done, 1 a spec is wrong or its programs differ, 2 the call is wrong, 3 a fault of
specc itself.
"""

from __future__ import annotations

import gc
import os
import sys

from specc import TYPE_CHECKING, __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# Each verb, named as its module, with what it is for.
VERBS = {
    "build": "compile specs to programs",
    "show": "show a model's layers, costs and differences between its programs",
    "check": "find mistakes in specs, and review the models",
    "verify": "prove that both programs of a spec are the same model",
    "diff": "report what a change of a spec means",
    "convert": "convert trained weights between both programs",
    "fmt": "format specs, keeping comments",
    "explain": "explain a word of the language, or a code",
    "init": "start a spec, or a repository of specs",
    "sample": "write random data on which the programs of a spec run",
    "schema": "print the language as a JSON Schema for editors",
    "completion": "print a script for shell completion",
}

EXAMPLE = """\
example:
  specc build specs/digits_mlp.yaml --target torch
  writes digits_mlp_torch.py; `python digits_mlp_torch.py` trains it

docs/language.md describes the language of specs.
"""


def run() -> int:
    """Run the command of this process and return its exit status.

    Python's collector would look at all objects again and again, though nearly all of them are
    needed to the end, and once more at the end.
    """
    gc.disable()
    # To look for plugins of pydantic reads the metadata of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from specc.fresh import unchanged

    try:
        try:
            return 0 if unchanged(sys.argv[1:]) else main()
        finally:
            gc.freeze()
            print(end="", flush=True)  # which does nothing where standard output is closed
    except BrokenPipeError:
        return _unread()
    except OSError as error:
        _unread()
        print(f"specc: cannot write to standard output: {error.strerror}", file=sys.stderr)
        return 2


def _unread() -> int:
    """Return the exit status where whoever read the output has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python would try again at its end
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser(words[0] if words else None).parse_args(words)
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _unread()
    except Exception:
        import traceback

        traceback.print_exc()
        print(
            f"\nThis is a bug in specc {__version__}, not in the spec. Please report it with "
            "the spec and the lines above.",
            file=sys.stderr,
        )
        return 3
    return status


def parser(verb: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line: of one verb alone, or of all where it is None.

    Where the verb is unknown, the parser has the names of all, for help and for errors.
    """
    import argparse
    from importlib import import_module

    form = argparse.RawDescriptionHelpFormatter
    whole = argparse.ArgumentParser(
        prog="specc",
        description="Compile model specs to Keras and PyTorch programs that are the same model.",
        epilog=EXAMPLE,
        formatter_class=form,
    )
    whole.add_argument("--version", action="version", version=f"specc {__version__}")
    verbs = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    asked = (verb,) if verb in VERBS else VERBS
    for name in asked:
        one = verbs.add_parser(name, help=VERBS[name], formatter_class=form)
        if verb in (name, None):
            module = import_module(f"specc.cli.{name}")
            module.add(one)
            one.set_defaults(run=module.run)
    return whole
