"""Functions and classes that a program defines for its model, only those that it needs.

A helper is a template of its name in `templates/torch`, or one that it shares with others under
another class name. The order here is that in the program.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from specc.targets.view import Part, Section, Text


class TruncatedNormal(Section):
    """Draws from Keras' truncated normal."""

    template = "torch/truncated_normal.py.jinja"
    seeded: bool


class Normalization(Section):
    """Normalization by numbers of the spec."""

    template = "torch/normalization.py.jinja"
    inverts: bool


class IntegerLookup(Section):
    """Numbers of known integers."""

    template = "torch/integer_lookup.py.jinja"
    fails: bool
    hashes: bool


class RandomAffine(Section):
    """What random changes of images have in common."""

    template = "torch/random_affine.py.jinja"
    fills: bool
    wraps: bool


class RandomZoom(Section):
    """Random zoom, of both axes by one factor or not."""

    template = "torch/random_zoom.py.jinja"
    both: bool


class Compact(Section):
    """Brings what counts to the front of a sequence, and back."""

    template = "torch/compact.py.jinja"
    spread: bool


class Pack(Section):
    """Packs sequences, and unpacks them."""

    template = "torch/pack.py.jinja"
    unpack: bool


class KerasRNN(Section):
    """A simple recurrent layer."""

    template = "torch/keras_rnn.py.jinja"
    dropout: bool


class KerasLSTM(Section):
    """An LSTM."""

    template = "torch/keras_lstm.py.jinja"
    dropout: bool


class KerasGRU(Section):
    """A GRU that resets after the product."""

    template = "torch/keras_gru.py.jinja"
    dropout: bool


class ResetBeforeGRU(Section):
    """A GRU that resets before the product."""

    template = "torch/reset_before_gru.py.jinja"
    dropout: bool


class ConvLSTM(Section):
    """A convolutional LSTM of one, two or three axes."""

    template = "torch/conv_lstm.py.jinja"
    class_name: str
    rank: str
    size: str
    dropout: bool


class BatchNorm(Section):
    """Batch normalization of one, two or three axes, with Keras' variance."""

    template = "torch/batch_norm.py.jinja"
    class_name: str


Needed = Collection[str]


def _conv_lstm(rank: int) -> Callable[[Needed], Section]:
    name, size = f"ConvLSTM{rank}d", f"int | tuple[{', '.join(['int'] * rank)}]"
    return lambda n: ConvLSTM(name, str(rank), size, f"conv_lstm{rank}d_dropout" in n)


def _batch_norm(rank: int) -> Callable[[Needed], Section]:
    return lambda n: BatchNorm(f"BatchNorm{rank}d")


HELPERS = (
    "truncated_normal",
    "sparsemax",
    "mean_cosine",
    "prelu",
    "rescaling",
    "normalization",
    "discretization",
    "integer_lookup",
    "auto_contrast",
    "random_flip",
    "wrapped",
    "random_affine",
    "random_rotation",
    "random_translation",
    "random_zoom",
    "random_shear",
    "random_contrast",
    "random_brightness",
    "grayscale",
    "random_grayscale",
    "random_color_degeneration",
    "random_invert",
    "solarization",
    "random_posterization",
    "random_sharpness",
    "gaussian_noise",
    "gaussian_dropout",
    "each_step",
    "spectral_normalization",
    "compact",
    "pack",
    "keras_rnn",
    "keras_lstm",
    "keras_gru",
    "reset_before_gru",
    "einsum_dense",
    *(f"conv_lstm{rank}d" for rank in (1, 2, 3)),
    *(f"batch_norm{rank}d" for rank in (1, 2, 3)),
    "masked_batch_norm",
    "masked_mean",
)

# Those whose template places something: what is needed beside them switches their parts on.
_WITH_PARTS: dict[str, Callable[[Needed], Section]] = {
    "truncated_normal": lambda n: TruncatedNormal("truncated_normal_seeded" in n),
    "normalization": lambda n: Normalization("normalization_inverts" in n),
    "integer_lookup": lambda n: IntegerLookup("lookup_fails" in n, "lookup_hashes" in n),
    "random_affine": lambda n: RandomAffine("affine_fills" in n, "affine_wraps" in n),
    "random_zoom": lambda n: RandomZoom("zoom_both" in n),
    "compact": lambda n: Compact("spread" in n),
    "pack": lambda n: Pack("unpack" in n),
    "keras_rnn": lambda n: KerasRNN("keras_rnn_dropout" in n),
    "keras_lstm": lambda n: KerasLSTM("keras_lstm_dropout" in n),
    "keras_gru": lambda n: KerasGRU("keras_gru_dropout" in n),
    "reset_before_gru": lambda n: ResetBeforeGRU("reset_before_gru_dropout" in n),
    **{f"conv_lstm{rank}d": _conv_lstm(rank) for rank in (1, 2, 3)},
    **{f"batch_norm{rank}d": _batch_norm(rank) for rank in (1, 2, 3)},
}

# Parts of a helper that not every program needs.
_PARTS = {
    "truncated_normal_seeded",
    "normalization_inverts",
    "lookup_fails",
    "lookup_hashes",
    "affine_fills",
    "affine_wraps",
    "zoom_both",
    "spread",
    "unpack",
    "keras_rnn_dropout",
    "keras_lstm_dropout",
    "keras_gru_dropout",
    "reset_before_gru_dropout",
    *(f"conv_lstm{rank}d_dropout" for rank in (1, 2, 3)),
}


def before_model(needed: Needed) -> tuple[Part, ...]:
    """Return the helpers that stand before the model's class.

    Raises:
        KeyError: a helper that no table names, which would be left out of the program.
    """
    unknown = {*needed} - {*HELPERS} - _PARTS
    if unknown:
        raise KeyError(*sorted(unknown))
    return tuple(_placed(name, needed) for name in HELPERS if name in needed)


def _placed(name: str, needed: Needed) -> Part:
    if name in _WITH_PARTS:
        return _WITH_PARTS[name](needed)
    return Text(f"torch/{name}.py.jinja")
