"""Functions and classes that a program defines for itself, only those that it needs.

A helper is a template of its name in `templates/torch`, or one that it shares with others under
another class name. The order here is that in the program.
"""

from __future__ import annotations

from collections.abc import Collection

# Each helper with what its text uses beside torch and nn: `F`, or a module of Python's library.
_BEFORE_MODEL: dict[str, tuple[str, ...]] = {
    "truncated_normal": (),
    "sparsemax": ("F",),
    "mean_cosine": ("F",),
    "prelu": ("F",),
    "rescaling": (),
    "normalization": (),
    "discretization": (),
    "integer_lookup": (),
    "auto_contrast": (),
    "random_flip": (),
    "wrapped": (),
    "random_affine": ("F",),
    "random_rotation": ("math", "Any"),
    "random_translation": ("Any",),
    "random_zoom": ("Any",),
    "random_shear": ("Any",),
    "random_contrast": (),
    "random_brightness": (),
    "grayscale": (),
    "random_grayscale": (),
    "random_color_degeneration": (),
    "random_invert": (),
    "solarization": (),
    "random_posterization": (),
    "random_sharpness": ("F",),
    "gaussian_noise": (),
    "gaussian_dropout": ("math",),
    "each_step": (),
    "spectral_normalization": ("F",),
    "compact": (),
    "pack": (),
    "keras_rnn": ("Callable",),
    "keras_lstm": ("Callable",),
    "keras_gru": ("Callable",),
    "reset_before_gru": ("Callable",),
    "einsum_dense": (),
    "conv_lstm1d": ("Callable",),
    "conv_lstm2d": ("Callable",),
    "conv_lstm3d": ("Callable",),
    "batch_norm1d": (),
    "batch_norm2d": (),
    "batch_norm3d": (),
    "masked_batch_norm": (),
    "masked_mean": (),
}

_BEFORE_OPTIMIZER: dict[str, tuple[str, ...]] = {
    "scale_epsilon": ("math",),
    "keras_sgd": (),
    "keras_rmsprop": (),
    "keras_adamax": (),
    "keras_adafactor": ("math",),
    "lion": (),
    "lamb": (),
    "ftrl": (),
    "muon": ("math",),
    "schedule_free_adamw": (),
    "max_norm": (),
    "unit_norm": (),
    "min_max_norm": (),
}


# Parts of a helper that not every program needs: which template they switch on what in.
_PARTS = {
    "spread": ("compact", "spread"),
    "unpack": ("pack", "unpack"),
    "keras_rnn_dropout": ("keras_rnn", "dropout"),
    "keras_lstm_dropout": ("keras_lstm", "dropout"),
    "keras_gru_dropout": ("keras_gru", "dropout"),
    "reset_before_gru_dropout": ("reset_before_gru", "dropout"),
    **{f"conv_lstm{rank}d_dropout": (f"conv_lstm{rank}d", "dropout") for rank in (1, 2, 3)},
    "normalization_inverts": ("normalization", "inverts"),
    "affine_fills": ("random_affine", "fills"),
    "affine_wraps": ("random_affine", "wraps"),
    "zoom_both": ("random_zoom", "both"),
    "lookup_fails": ("integer_lookup", "fails"),
    "lookup_hashes": ("integer_lookup", "hashes"),
}

# Parts that use `F`.
_FUNCTIONAL = ("dropout", "spread")

# Helpers that share a template: the template, their class, and how many axes they work on.
_SHARED = {
    **{f"batch_norm{rank}d": ("batch_norm", f"BatchNorm{rank}d", rank) for rank in (1, 2, 3)},
    **{f"conv_lstm{rank}d": ("conv_lstm", f"ConvLSTM{rank}d", rank) for rank in (1, 2, 3)},
}


def before_model(needed: Collection[str]) -> list[dict[str, str | bool]]:
    """Return the helpers that stand before the model's class."""
    return [_placed(name, needed) for name in _BEFORE_MODEL if name in needed]


def before_optimizer(needed: Collection[str]) -> list[dict[str, str | bool]]:
    """Return the helpers that stand before `build_optimizer`."""
    return [_placed(name, needed) for name in _BEFORE_OPTIMIZER if name in needed]


def _placed(name: str, needed: Collection[str]) -> dict[str, str | bool]:
    template, class_name, rank = _SHARED.get(name, (name, "", 0))
    parts = [part for part, (whole, _) in _PARTS.items() if whole == name and part in needed]
    flags = {_PARTS[part][1]: True for part in parts}
    size = f"int | tuple[{', '.join(['int'] * rank)}]"
    shared = {"class_name": class_name, "rank": str(rank), "size": size}
    return {"template": f"torch/{template}.py.jinja", **shared, **flags}


def imports(needed: Collection[str]) -> set[str]:
    """Return what the helpers use beside torch and nn.

    Errors:
        KeyError: a helper that no table names, which would be left out of the program.
    """
    parts = {part: ("F",) if what in _FUNCTIONAL else () for part, (_, what) in _PARTS.items()}
    known = {**_BEFORE_MODEL, **_BEFORE_OPTIMIZER, **parts}
    return {module for name in needed for module in known[name]}
