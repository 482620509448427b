"""specc compiles a declarative model spec to a Keras and a PyTorch program that are the same model.

>>> import specc
>>> result = specc.compile("specs/digits_mlp.yaml", target="torch")
>>> print(result.files["digits_mlp_torch.py"])
"""

from __future__ import annotations

# As in `typing`, whose import alone doubles the cost of a build that changes nothing.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from specc.diagnostics import Diagnostic, Source, Span, SpeccError
    from specc.pipeline import Compilation

__version__ = "0.1.0"

__all__ = ["Diagnostic", "Source", "Span", "SpeccError", "__version__", "compile"]


def __getattr__(name: str) -> object:
    """Return what is imported when it is asked for: what specc tells about a spec."""
    if name in ("Diagnostic", "Source", "Span", "SpeccError"):
        from specc import diagnostics

        return getattr(diagnostics, name)
    raise AttributeError(f"module 'specc' has no attribute {name!r}")


def compile(text_or_path: str | Path, target: str = "all") -> Compilation:
    """Compile one spec.

    Arguments:
        text_or_path: A spec's text, which holds a line break, or the path of its file.
        target: "torch", "keras" or "all".

    Returns:
        The programs by file name, and the diagnostics. A spec with errors gives no programs.

    Errors:
        ValueError: there is no such target.
        OSError: the file cannot be read.
    """
    from pathlib import Path

    from specc.diagnostics import Source
    from specc.pipeline import compile_path, compile_source

    if isinstance(text_or_path, str) and "\n" in text_or_path:
        return compile_source(Source("<string>", text_or_path), target)
    return compile_path(Path(text_or_path), target)
