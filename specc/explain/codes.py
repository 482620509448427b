"""What a code means: why it is an error, note or warning, what to do, and a spec that has it."""

from __future__ import annotations

from specc.codes import CODES
from specc.explain.layout import compiled_text, indented, wrapped
from specc.explain.reasons import REASONS
from specc.mistakes import MISTAKES

_KINDS = {
    "E": "It is an error, which stops a build, and cannot be silenced.",
    "N": "It is a note, which stops nothing, and cannot be silenced.",
}


def explain_code(code: str) -> str:
    """Return what there is to say of a code."""
    head = f"{code}: {CODES[code]}"
    if not code.startswith("W"):
        return "\n".join([head, *_reason(code)])
    from specc.review.advice import ADVICE

    advice = ADVICE[code]
    silences = (
        f"`# specc: ignore {code}: why` at the end of the line, or above it; `# specc: ignore-file "
        f'{code}` before the first key; or `ignore = ["{code}"]` in [tool.specc.check] of '
        "pyproject.toml"
    )
    parts = [head, wrapped(advice.reason), "", "how to fix it", wrapped(advice.fix)]
    parts += ["", "found in", indented(advice.shows.strip("\n"))]
    parts += ["", "not found in", indented(advice.instead.strip("\n"))]
    parts += ["", "source", wrapped(advice.source), f"  {advice.url}"]
    if code != "W300":  # what is not silenced by comments, as it is about them
        parts += ["", "how to silence it", wrapped(silences)]
    return "\n".join(parts)


def _reason(code: str) -> list[str]:
    """Return what there is to say of an error or a note."""
    reason = REASONS[code]
    heading = "how to fix it" if code.startswith("E") else "what to do"
    parts = [wrapped(_KINDS[code[0]]), "", "why", wrapped(reason.why)]
    parts += ["", heading, wrapped(reason.fix), "", "found in"]
    spec = MISTAKES.get(code)
    if spec is None:
        return [*parts, indented(reason.shows)]
    found = next(d for d in compiled_text(spec).diagnostics if d.code == code)
    told = f"{found.message}; {found.hint}" if found.hint else found.message
    place = f"line {found.span.line}, column {found.span.column}"
    return [*parts, indented(spec.strip("\n")), "", f"reported at {place}", wrapped(told)]
