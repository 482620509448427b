"""`specc completion`: a script by which a shell completes the command line."""

from __future__ import annotations

import argparse

from specc.cli.terminal import print_line

_EXAMPLES = """\
how to use it:
  bash  specc completion bash > ~/.local/share/bash-completion/completions/specc
  zsh   specc completion zsh > ~/.zfunc/_specc   with, in ~/.zshrc before compinit:
        fpath=(~/.zfunc $fpath)
  fish  specc completion fish > ~/.config/fish/completions/specc.fish
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Give the parser of this verb its options."""
    parser.description = (
        "Print a script with which the shell completes commands, options, files, examples and "
        "words of the language."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell to print it for")


def run(options: argparse.Namespace) -> int:
    """Print the script, and return the exit status."""
    from specc.cli import parser
    from specc.completion import script

    print_line(script(options.shell, parser()).removesuffix("\n"))
    return 0
