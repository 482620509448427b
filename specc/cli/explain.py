"""`specc explain`: what a word of the language, or a code, means and becomes."""

from __future__ import annotations

import argparse

from specc.cli.terminal import print_line, wrong_call


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Explain a word: its arguments, an example, its lines in Keras and in PyTorch, and "
        "what differs; of a key of the spec what it holds; of a code why, what to do, and an "
        "example. Without a word, list all of them."
    )
    parser.add_argument(
        "words", nargs="*", metavar="[FAMILY] WORD", help="as relu, layer relu, N201"
    )


def run(options: argparse.Namespace) -> int:
    """Explain, and return the exit status."""
    from specc.explain import explain, overview, unknown
    from specc.spec.catalogue import CATALOGUE

    *families, word = options.words or [None]
    if word is None:
        print_line(overview())
        return 0
    if len(families) > 1 or not set(families) <= set(CATALOGUE):
        return wrong_call(f"expected [FAMILY] WORD, a family being one of {', '.join(CATALOGUE)}")
    found = explain(word, *families)
    if found is None:
        return wrong_call(unknown(word, *families))
    print_line(found)
    return 0
