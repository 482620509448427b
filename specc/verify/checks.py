"""The checks of a proof, from the size of the models to a training run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from pathlib import Path

from specc.diagnostics import Diagnostic
from specc.fresh import program_file
from specc.pipeline import Compilation
from specc.verify.frameworks import settled, versions
from specc.verify.inputs import read_samples
from specc.verify.pair import NotFiniteError, Pair
from specc.verify.programs import CarryError, random_layers
from specc.verify.report import Check, Place, Report, Verdict, exactly, percent, see
from specc.verify.trace import first_difference

# What rounding may make of outputs and gradients in float32; of weights in float64 after a step,
# as Keras holds some numbers in float32, and after a run.
ROUNDING, STEP, RUN = 1e-5, 1e-6, 1e-5
# In float64, where float32 rounds too much to tell: a deep model, or one with kinks.
DOUBLE = 1e-6
# A difference that a note tells of, as a share of how far the training moves the weights.
NOTED = 0.5
# Notes on the place of an epsilon, which is much where gradients are as small as it, and one that
# makes nearly none of it, and still hides rounding.
OF_EPSILON, TINY = frozenset(("N201", "N202", "N209")), 1e-12
# Notes on what is not alike in exact programs either.
OF_ANY_FIDELITY = frozenset(("N106", "N210", "N211", "N212", "N213", "N222", "N225", "N226"))
Parts = dict[str, float]


def prove(
    compilation: Compilation,
    exact: Compilation,
    data: str | None = None,
    seed: int = 0,
    steps: int = 20,
    follow: Callable[[Report], None] | None = None,
) -> Report:
    """Build, run and compare both programs of a spec; see `specc.verify.verify`."""
    with settled(), tempfile.TemporaryDirectory(prefix="specc_") as folder:
        proof = _Proof(compilation, exact, Path(folder), data, seed, steps, follow)
        proof.run()
        return proof.report()


@dataclass
class _Proof:
    compilation: Compilation
    exact: Compilation
    folder: Path
    data: str | None
    seed: int
    steps: int
    follow: Callable[[Report], None] | None = None
    checks: list[Check] = field(default_factory=list)
    first: Place | None = None
    held: set[str] = field(default_factory=set)
    _pairs: dict[tuple[int, bool], Pair] = field(default_factory=dict)

    def report(self) -> Report:
        """Return what was found so far."""
        program = self.compilation.program
        assert program is not None
        return Report(
            name=program.name,
            versions=self._versions,
            samples=f"samples of {self.data}" if self.data else "random samples",
            seed=self.seed,
            checks=tuple(self.checks),
            first=self.first,
            still=tuple(random_layers(program)),
            held=tuple(sorted(self.held)),
            hints=tuple(sorted(OF_ANY_FIDELITY & {d.code for d in self.exact.diagnostics})),
        )

    @cached_property
    def _versions(self) -> dict[str, str]:
        return versions()

    def _tell(self) -> None:
        if self.follow is not None:
            self.follow(self.report())

    def _add(self, check: Check) -> None:
        self.checks.append(check)
        self._tell()

    def run(self) -> None:
        """Make all checks that the spec allows."""
        try:
            pair = self.pair(self.compilation)
        except CarryError as error:
            self._tell()
            self._add(Check("weights", None, None, "fails", str(error)))
            return
        self._tell()
        self._count(pair)
        for layer, (reason, _) in pair.unmatched.items():
            self._add(Check(f"weights of {layer}", None, None, "fails", reason))
        known = not pair.unmatched
        self._outputs()
        if pair.program.fit is not None:
            self._loss(1 if self.data else len(pair.program.fit.head.target_shapes))
        if not all(check.ok for check in self.checks if not check.name.startswith("weights of ")):
            self.first = first_difference(pair, self.compilation.outputs["torch"], ROUNDING)
        # What is computed by Keras for both programs cannot be trained by both.
        trains = pair.program.fit is not None and known
        del pair
        self._pairs.clear()  # a large model should not be there twice
        if trains:
            self._training()

    def pair(self, compilation: Compilation, double: bool = False) -> Pair:
        """Return both programs, with the weights and samples that every pair begins with."""
        key = id(compilation), double
        if key not in self._pairs:
            folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="specc_"))
            pair = Pair(compilation, folder, self.seed, double)
            if self.data is not None:
                pair.data = read_samples(pair.torch_module, self.data)
            self._pairs[key] = pair
        self._pairs[key].settle()
        return self._pairs[key]

    def _count(self, pair: Pair) -> None:
        theirs = pair.keras.count_params()
        ours = sum(t.numel() for _, _, t, weight in pair.mapped() if not weight.frozen)
        ours += sum(count for _, count in pair.unmatched.values())
        if theirs == ours:
            self._add(Check("parameters", 0, 0, "equal", f"{ours} in both"))
        else:
            detail = f"{theirs} in Keras, {ours} in PyTorch"
            self._add(Check("parameters", abs(theirs - ours), 0, "differs", detail))

    def _outputs(self) -> None:
        def inference(pair: Pair) -> Parts:
            return {f"a batch of {n}": pair.output_difference(n) for n in (1, 6)}

        def training(pair: Pair) -> Parts:
            return {"a batch of 6": pair.output_difference(6, training=True)}

        self._add(self._rounded("outputs in inference mode", inference))
        self._add(self._rounded("outputs in training mode", training))

    def _loss(self, forms: int) -> None:
        def measure(pair: Pair) -> Parts:
            found: Parts = {}
            for form in range(forms):
                pair.compile()
                for name, value in pair.loss_differences(6, form).items():
                    found[name] = max(found.get(name, 0.0), value)
            return found

        def loss(pair: Pair) -> Parts:
            return {name: value for name, value in measure(pair).items() if name == "loss"}

        def gradients(pair: Pair) -> Parts:
            return {name: value for name, value in measure(pair).items() if name != "loss"}

        self._add(self._rounded("loss", loss))
        check = self._rounded("gradients", gradients)
        count = f"gradients of {len(check.parts)} weights"
        self._add(replace(check, name=count) if check.parts else check)

    def _rounded(self, name: str, measure: Callable[[Pair], Parts]) -> Check:
        """Return a check in float32, or in float64 where only rounding is in the way."""
        check = _check(name, lambda: measure(self.pair(self.compilation)), ROUNDING)
        if check.verdict == "differs":
            double = _check(name, lambda: measure(self.pair(self.compilation, True)), DOUBLE)
            if double.ok:
                detail = f"in float64; float32 rounds by {check.measured:.1e}"
                return replace(double, detail=detail)
        return check

    def _training(self) -> None:
        runs = {1: ("one step", STEP), self.steps: (f"{self.steps} steps", RUN)}
        for steps, (name, allowed) in runs.items():
            check, share = self._steps(name, self.compilation, steps, allowed)
            sound = all(check.ok for check in self.checks)
            told = _told_apart(self.compilation, self.exact) if sound else []
            differs = check.verdict == "differs" and bool(told)
            noted = self._noted(name, steps, share, told) if differs else check
            if noted.verdict == "noted":
                self._add(noted)
                name = exactly(name)
                check, _ = self._steps(name, self.exact, steps, allowed)
            self._add(check)
        evaluate = self.pair(self.compilation, double=True).evaluate
        self._add(_check("evaluation", lambda: evaluate(13, 4), ROUNDING))

    def _noted(self, name: str, steps: int, share: float, told: list[str]) -> Check:
        """Return a check of how far the programs are apart by what notes tell, as a share.

        Where that is much, what is told of is taken away as far as that can be: epsilon made small
        in both programs, and the gradients of repeated tokens added up by Keras.
        """
        detail, left = f"{percent(share)} of the movement, {see(told)}", share
        if not share <= NOTED:
            pair = self.pair(self.summed, double=True)
            pair.epsilon = TINY if OF_EPSILON & set(told) else None
            left = self._train(pair, steps)[1]
            pair.epsilon = None
            aside = ["with a small epsilon"] if OF_EPSILON & set(told) else []
            aside += ["with repeated tokens added up"] if "N205" in told else []
            detail = f"{detail}; {percent(left)} {' and '.join(aside)}"
        verdict: Verdict = "noted" if left <= NOTED else "differs"
        return Check(name, left, NOTED, verdict, detail, notes=tuple(told), share=share)

    @cached_property
    def summed(self) -> Compilation:
        """The programs, that of Keras adding up the gradients of repeated tokens."""
        keras = {k: v for k, v in self.exact.files.items() if k.endswith(program_file("", "keras"))}
        return replace(self.compilation, files={**self.compilation.files, **keras})

    def _steps(
        self, name: str, compilation: Compilation, steps: int, allowed: float
    ) -> tuple[Check, float]:
        """Train in float64; where kinks make much of a rounding, look at each step by itself.

        Returns:
            The check, and how far the programs are apart as a share of how far they went.
        """
        share = float("nan")

        def whole() -> Parts:
            nonlocal share
            found, share = self._train(self.pair(compilation, double=True), steps)
            return found

        def single() -> Parts:
            pair = self.pair(compilation, double=True)
            with pair.restored():
                return pair.train_in_step(steps)

        check = _check(name, whole, allowed)
        if check.verdict == "differs" and steps > 1:
            apart = _check(name, single, STEP)
            if apart.ok:
                grown = f"{check.measured or 0:.1e}, rounding at kinks"
                grown = grown if isfinite(check.measured or 0) else "the training diverges"
                detail = f"each by itself; together {grown}"
                return replace(apart, detail=detail), share
        return check, share

    def _train(self, pair: Pair, steps: int) -> tuple[Parts, float]:
        """Train both programs; return the differences, and how far weights are apart as a share."""
        with pair.restored():
            before = pair.keras_values()
            found = pair.train(steps, last=3 if steps > 1 else None)
            self.held |= pair.held
            return found, pair.share_of_movement(before)


def _check(name: str, measure: Callable[[], Parts], allowed: float) -> Check:
    """Return a check of the largest of several differences, or what a program failed with."""
    try:
        parts = measure()
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        kind = "" if isinstance(error, NotFiniteError) else f"{type(error).__name__}: "
        return Check(name, None, allowed, "fails", kind + lines[0])
    return _part(Check(name, None, allowed, "equal"), name, parts)


def _part(check: Check, name: str, parts: Parts) -> Check:
    """Return a check of some differences, allowed as much as `check`."""
    assert check.allowed is not None
    allowed = check.allowed
    # Not `>`: what is no number does not fit.
    wrong = [value for value in parts.values() if not value <= allowed]
    measured = max(wrong or parts.values(), default=0.0)
    return replace(
        check, name=name, measured=measured, verdict="differs" if wrong else "equal", parts=parts
    )


def _told_apart(compilation: Compilation, exact: Compilation) -> list[str]:
    """Return the codes of what `fidelity: exact` would make equal."""

    def codes(diagnostics: tuple[Diagnostic, ...]) -> set[str]:
        return {d.code for d in diagnostics if d.code.startswith("N2")}

    return sorted(codes(compilation.diagnostics) - codes(exact.diagnostics))
