"""Words, their three notations and their defaults."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from specc.diagnostics import Source, SpeccError
from specc.source import load as load_text
from specc.spec.catalogue import CATALOGUE, FAMILIES, load
from specc.spec.document import Spec
from specc.spec.refused import REFUSED
from specc.spec.word import Word
from specc.unsure import UNSURE, UnsureError
from specc.validate import Places, validate

WORDS = [(family, word) for family, words in CATALOGUE.items() for word in words]

# A value for the first argument that is not its default; None where one value is not enough.
VALUES: dict[str, Any] = {
    "prelu": "ones",
    "group_normalization": 4,
    "permute": "[2, 1]",
    "repeat_vector": 3,
    "time_distributed": "flatten",
    "spectral_normalization": "flatten",
    "reversible_embedding": None,
    "einsum_dense": None,
    **{f"conv_lstm{rank}d": None for rank in (1, 2, 3)},
    **{f"adaptive_{kind}_pooling{rank}d": 2 for kind in ("average", "max") for rank in (1, 2, 3)},
    "dense": 3,
    "simple_rnn": 3,
    "lstm": 3,
    "gru": 3,
    "rnn": "[{lstm_cell: 3}]",
    "lstm_cell": 3,
    "gru_cell": 3,
    "simple_rnn_cell": 3,
    "stacked_rnn_cells": "[{lstm_cell: 3}]",
    "bidirectional": "flatten",  # which only shapes tell to be wrong
    "embedding": None,
    "custom": None,
    "activation": "tanh",
    **{f"{word}{rank}d": None for word in ("conv", "convolution") for rank in (1, 2, 3)},
    **{f"separable_{word}{rank}d": None for word in ("conv", "convolution") for rank in (1, 2)},
    **{f"depthwise_conv{rank}d": 2 for rank in (1, 2)},
    **{f"{w}{rank}d_transpose": None for w in ("conv", "convolution") for rank in (1, 2, 3)},
    "reshape": "[2, 2]",
    **{f"{word}{rank}d": 2 for word in ("zero_padding", "cropping") for rank in (1, 3)},
    **{f"{word}2d": "[1, 2]" for word in ("zero_padding", "cropping")},
    **{f"up_sampling{rank}d": 3 for rank in (1, 2, 3)},
    "threshold": None,
    "category_encoding": 3,
    "resizing": None,
    "center_crop": None,
    "auto_contrast": "[0, 1]",
    "random_flip": "vertical",
    "random_translation": None,
    "random_posterization": 3,
    "discretization": "[0.5]",
    "integer_lookup": 3,
    "npz": "a.npz",
    "csv": "a.csv",
    "model_checkpoint": "a.keras",
    "early_stopping": "loss",
    "dropout": 0.3,
    "gelu": "true",
    "binary_crossentropy": "true",
    "categorical_crossentropy": "true",
    "sparse_categorical_crossentropy": "true",
    "variance_scaling": 2.0,
    "mean_squared_error": "sum",
    "mean_absolute_error": "sum",
    "mse": "sum",
    "mae": "sum",
    "bce": "true",
    "mean_absolute_percentage_error": "sum",
    "mape": "sum",
    "mean_squared_logarithmic_error": "sum",
    "msle": "sum",
    "log_cosh": "sum",
    "poisson": "sum",
    "kl_divergence": "sum",
    "kld": "sum",
    "hinge": "sum",
    "squared_hinge": "sum",
    "categorical_hinge": "sum",
    "binary_focal_crossentropy": "true",
    "dice": "sum",
    "ctc": "sum",
    "flatten": "channels_first",
    **{
        f"global_{kind}{rank}d": "channels_last"
        for kind in ("average_pooling", "avg_pool", "max_pooling", "max_pool")
        for rank in (1, 2, 3)
    },
    "binary_accuracy": 0.25,
    "io_u": None,
    "iou": None,
    "one_hot_io_u": None,
    "one_hot_iou": None,
    **dict.fromkeys(("mean_io_u", "mean_iou", "one_hot_mean_io_u", "one_hot_mean_iou"), 3),
    **dict.fromkeys(("binary_io_u", "binary_iou"), "[1]"),
    **dict.fromkeys(("f1_score", "f_beta_score", "fbeta_score"), "macro"),
    **dict.fromkeys(("auc", "top_k_categorical_accuracy"), 3),
    "sparse_top_k_categorical_accuracy": 3,
    "r2_score": "variance_weighted_average",
    **dict.fromkeys(
        ("exponential_decay", "inverse_time_decay", "polynomial_decay", "cosine_decay"), None
    ),
    "cosine_decay_restarts": None,
    "piecewise_constant_decay": None,
    "unit_norm": 0,
}

# What a spec needs around a word of a family: `@` is the word.
AROUND = {
    "layer": "layers: [@]",
    "cell": "layers: [{rnn: {cell: @}}]",
    "activation": "layers: [{dense: {units: 1, activation: @}}]",
    "initializer": "layers: [{dense: {units: 1, kernel_initializer: @}}]",
    "regularizer": "layers: [{dense: {units: 1, kernel_regularizer: @}}]",
    "constraint": "layers: [{dense: {units: 1, kernel_constraint: @}}]",
    "optimizer": "layers: [flatten]\noptimizer: @",
    "schedule": "layers: [flatten]\noptimizer: {sgd: {learning_rate: @}}",
    "loss": "layers: [flatten]\nloss: @",
    "metric": "layers: [flatten]\nmetrics: [@]",
    "callback": "layers: [flatten]\ntraining: {callbacks: [@]}",
    "data": "layers: [flatten]\ndata: @",
}


def spec_of(text: str) -> tuple[Spec, Places]:
    """Return the spec that a text holds and its places."""
    source = Source("spec.yaml", text)
    return validate(load_text(source), source)


def word_of(family: str, text: str) -> Word:
    """Return the word that a text writes where a word of `family` may stand."""
    spec, _ = spec_of("name: net\ninput: {shape: [4]}\n" + AROUND[family].replace("@", text))
    layer: Any = spec.layers[0]
    found: dict[str, Any] = {
        "layer": layer,
        "cell": getattr(layer, "cell", None),
        "activation": getattr(layer, "activation", None),
        "initializer": getattr(layer, "kernel_initializer", None),
        "regularizer": getattr(layer, "kernel_regularizer", None),
        "constraint": getattr(layer, "kernel_constraint", None),
        "optimizer": spec.optimizer,
        "schedule": getattr(spec.optimizer, "learning_rate", None),
        "loss": spec.loss,
        "metric": next(iter(spec.metrics), None),
        "callback": next(iter(spec.training.callbacks), None) if spec.training else None,
        "data": spec.data,
    }
    word = found[family]
    assert isinstance(word, Word)
    return word


def errors_of(text: str) -> list[str]:
    """Return the codes of the mistakes in a text."""
    with pytest.raises(SpeccError) as caught:
        spec_of(text)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def required(cls: type[Word]) -> list[str]:
    """Return the fields that a word cannot do without."""
    return [name for name, field in cls.model_fields.items() if field.is_required()]


def class_of(family: str, word: str) -> type[Word]:
    """Return the class of a word."""
    cls = load(family, word)
    assert cls is not None
    return cls


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_name_alone_and_empty_arguments_are_one(family: str, word: str) -> None:
    cls = class_of(family, word)
    if required(cls):
        text = "name: net\ninput: {shape: [4]}\n" + AROUND[family]
        assert errors_of(text.replace("@", word)) == ["E209"]
        assert errors_of(text.replace("@", f"{{{word}: {{}}}}")) == ["E209"]
        return
    assert type(word_of(family, word)) is cls
    assert word_of(family, word) == word_of(family, f"{{{word}: {{}}}}")


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_value_sets_the_first_argument(family: str, word: str) -> None:
    cls = class_of(family, word)
    first = next(iter(cls.parameters()), None)
    value = VALUES.get(word, 0.75)
    if first is None:
        text = "name: net\ninput: {shape: [4]}\n" + AROUND[family]
        assert errors_of(text.replace("@", f"{{{word}: 1}}")) == ["E206"]
        return
    assert (value is None) == (len(required(cls)) > 1)
    if value is None:
        return
    if first in ("axis", "seed", "pool_size"):
        value = 1
    short = word_of(family, f"{{{word}: {value}}}")
    assert short == word_of(family, f"{{{word}: {{{first}: {value}}}}}")
    assert first in short.model_fields_set
    if not required(cls):
        assert short != word_of(family, word)


def test_a_list_is_a_value() -> None:
    assert word_of("layer", "{reshape: [2, 2]}") == word_of(
        "layer", "{reshape: {target_shape: [2, 2]}}"
    )


def test_a_word_may_be_written_in_three_forms_as_argument() -> None:
    forms = ["l2", "{l2: 0.01}", "{l2: {l2: 0.01}}"]
    words = [word_of("regularizer", form) for form in forms]
    assert words[0] == words[1] == words[2]


def test_input_may_be_a_shape_alone() -> None:
    rest = "\nlayers: [flatten]\n"
    short, _ = spec_of("name: net\ninput: [2, 3]" + rest)
    long, _ = spec_of("name: net\ninput: {shape: [2, 3]}" + rest)
    assert short.input == long.input


def test_alias_of_a_metric_is_its_name() -> None:
    for word in ("acc", "mse"):
        assert getattr(word_of("metric", word), "name", None) == word
    assert getattr(word_of("metric", "{mse: {name: error}}"), "name", None) == "error"
    assert getattr(word_of("metric", "accuracy"), "name", "") is None


@pytest.mark.parametrize(
    ("family", "text", "same"),
    [
        ("layer", "max_pool2d", "max_pooling2d"),
        ("activation", "swish", "silu"),
        ("initializer", "one", "ones"),
        ("regularizer", "l1l2", "l1_l2"),
        ("loss", "bce", "binary_crossentropy"),
        (
            "layer",
            "{conv2d: {filters: 1, kernel_size: 3}}",
            "{conv2d: {filters: 1, kernel_size: [3, 3]}}",
        ),
        ("layer", "{zero_padding2d: 2}", "{zero_padding2d: [[2, 2], [2, 2]]}"),
        ("layer", "{zero_padding2d: [1, 2]}", "{zero_padding2d: [[1, 1], [2, 2]]}"),
        ("optimizer", "{adam: {learning_rate: 1e-3}}", "adam"),
        ("layer", "{dropout: 0}", "{dropout: 0.0}"),
        ("data", "{csv: {path: a, target: y}}", "{csv: {path: a, target: [y]}}"),
    ],
)
def test_two_ways_to_write_one_thing(family: str, text: str, same: str) -> None:
    assert word_of(family, text) == word_of(family, same)


def test_places_of_words_and_fields() -> None:
    spec, places = spec_of(
        "name: net\ninput: {shape: [4]}\nlayers:\n"
        "  - dense: {units: 3, activation: relu}\n  - dropout: 0.5\n"
    )
    dense, dropout = spec.layers
    found = [places.of(dense), places.of(dense, "units"), places.of(dense, "use_bias")]
    found += [places.of(dropout, "rate"), places.of(spec, "name"), places.of(dense.activation)]
    assert [(s.line, s.column) for s in found] == [
        (4, 5),
        (4, 20),
        (4, 5),
        (5, 14),
        (1, 7),
        (4, 35),
    ]


def test_shared_word_stands_where_it_was_written_last() -> None:
    text = "name: net\ninput: {shape: [4]}\nlayers:\n  - &d {dense: 3}\n  - *d\n"
    spec, places = spec_of(text)
    assert spec.layers[0] == spec.layers[1]
    assert {places.of(layer).line for layer in spec.layers} == {4}


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("name: net\ninput: [4]\nlayers: [flatten, dense: 3, dens: 4, flatten]\n", 4),
        ("name: net\ninput: [4]\nlayers: [flatten]\nepochs: 3\n", 1),
        ("input: [4]\nlayers: [flatten]\n", 1),
        ("name: net\ninput: 4\nlayers: [flatten]\n", 1),
    ],
)
def test_what_is_left_of_a_wrong_spec(text: str, layers: int) -> None:
    with pytest.raises(SpeccError) as caught:
        spec_of(text)
    spec, places = caught.value.rest
    assert len(spec.layers) == layers
    assert places.of(spec.layers[0]).line == text[: text.index("flatten")].count("\n") + 1


def test_what_a_mistake_hides_of_a_word() -> None:
    with pytest.raises(SpeccError) as caught:
        spec_of("name: 3\ninput: [4]\nlayers: [dens: 3, dense: {units: x, activation: rellu}]\n")
    spec, _ = caught.value.rest
    unknown, dense = spec.layers
    assert unknown is UNSURE
    assert dense.units is UNSURE
    assert dense.use_bias is True
    for read in (lambda: dense.activation, lambda: spec.name == "net", lambda: dense.units > 2):
        with pytest.raises(UnsureError):
            read()


def test_words_are_frozen() -> None:
    word = word_of("layer", "{dense: 3}")
    with pytest.raises(ValueError, match="frozen"):
        word.units = 4  # type: ignore[attr-defined]


def test_every_family_has_a_name() -> None:
    assert set(FAMILIES) == set(CATALOGUE) == set(AROUND)
    assert set(REFUSED) <= set(CATALOGUE)


def test_no_word_is_known_and_refused() -> None:
    for family, words in CATALOGUE.items():
        assert set(words) & set(REFUSED.get(family, {})) == set()


@pytest.mark.parametrize(("family", "word"), WORDS)
def test_word_of_a_class_is_a_name_of_it(family: str, word: str) -> None:
    cls = class_of(family, word)
    assert cls.family == family
    assert load(family, cls.word) is cls
    assert not set(cls.refused) & set(cls.model_fields)


# The rows of /work/shared/catalogue.md for the words of this version, arguments with defaults.
# Regularizers, constraints, name and dtype are left out there.
KERAS = """
layer dense: activation=None, use_bias=True, kernel_initializer=glorot_uniform, \
bias_initializer=zeros
layer embedding: embeddings_initializer=random_uniform
layer masking: mask_value=0.0
layer flatten: data_format=None
layer simple_rnn: activation=tanh, use_bias=True, kernel_initializer=glorot_uniform, \
    recurrent_initializer=orthogonal, bias_initializer=zeros, dropout=0.0, recurrent_dropout=0.0, \
    return_sequences=False, go_backwards=False, unroll=False, seed=None
layer lstm: activation=tanh, recurrent_activation=sigmoid, use_bias=True, \
    kernel_initializer=glorot_uniform, recurrent_initializer=orthogonal, bias_initializer=zeros, \
    unit_forget_bias=True, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, \
    go_backwards=False, unroll=False, use_cudnn='auto'
layer rnn: return_sequences=False, go_backwards=False, unroll=False, zero_output_for_mask=False
cell lstm_cell: activation=tanh, recurrent_activation=sigmoid, use_bias=True, \
    kernel_initializer=glorot_uniform, recurrent_initializer=orthogonal, bias_initializer=zeros, \
    unit_forget_bias=True, dropout=0.0, recurrent_dropout=0.0, seed=None
cell gru_cell: activation=tanh, recurrent_activation=sigmoid, use_bias=True, \
    kernel_initializer=glorot_uniform, recurrent_initializer=orthogonal, bias_initializer=zeros, \
    dropout=0.0, recurrent_dropout=0.0, reset_after=True, seed=None
cell simple_rnn_cell: activation=tanh, use_bias=True, kernel_initializer=glorot_uniform, \
    recurrent_initializer=orthogonal, bias_initializer=zeros, dropout=0.0, recurrent_dropout=0.0, \
    seed=None
layer bidirectional: merge_mode='concat', backward_layer=None
layer gru: activation=tanh, recurrent_activation=sigmoid, use_bias=True, \
    kernel_initializer=glorot_uniform, recurrent_initializer=orthogonal, bias_initializer=zeros, \
    dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, go_backwards=False, \
    unroll=False, reset_after=True, use_cudnn='auto'
layer dropout: noise_shape=None, seed=None
layer conv1d: strides=(1,), padding='valid', data_format=None, dilation_rate=(1,), groups=1, \
activation=None, use_bias=True, kernel_initializer=glorot_uniform, bias_initializer=zeros
layer conv2d: strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), groups=1, \
activation=None, use_bias=True, kernel_initializer=glorot_uniform, bias_initializer=zeros
layer conv3d: strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1), \
groups=1, activation=None, use_bias=True, kernel_initializer=glorot_uniform, \
bias_initializer=zeros
layer conv3d_transpose: strides=(1, 1, 1), padding='valid', data_format=None, output_padding=None, \
dilation_rate=(1, 1, 1), activation=None, use_bias=True, \
kernel_initializer=glorot_uniform, bias_initializer=zeros
layer conv2d_transpose: strides=(1, 1), padding='valid', output_padding=None, data_format=None, \
dilation_rate=(1, 1), activation=None, use_bias=True, \
kernel_initializer=glorot_uniform, bias_initializer=zeros
layer conv1d_transpose: strides=(1,), padding='valid', output_padding=None, data_format=None, \
dilation_rate=(1,), activation=None, use_bias=True, \
kernel_initializer=glorot_uniform, bias_initializer=zeros
layer depthwise_conv1d: strides=(1,), padding='valid', depth_multiplier=1, data_format=None, \
dilation_rate=(1,), activation=None, use_bias=True, depthwise_initializer=glorot_uniform, \
bias_initializer=zeros
layer separable_conv1d: strides=(1,), padding='valid', data_format=None, dilation_rate=(1,), \
depth_multiplier=1, activation=None, use_bias=True, depthwise_initializer=glorot_uniform, \
pointwise_initializer=glorot_uniform, bias_initializer=zeros
layer depthwise_conv2d: strides=(1, 1), padding='valid', depth_multiplier=1, data_format=None, \
dilation_rate=(1, 1), activation=None, use_bias=True, depthwise_initializer=glorot_uniform, \
bias_initializer=zeros
layer separable_conv2d: strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), \
depth_multiplier=1, activation=None, use_bias=True, depthwise_initializer=glorot_uniform, \
pointwise_initializer=glorot_uniform, bias_initializer=zeros
layer max_pooling1d: pool_size=(2,), strides=None, padding='valid', data_format=None
layer relu: max_value=None, negative_slope=0.0, threshold=0.0
layer leaky_relu: negative_slope=0.3
layer elu: alpha=1.0
layer softmax: axis=-1
layer rescaling: offset=0.0
layer spectral_normalization: power_iterations=1
layer adaptive_average_pooling1d: data_format=None
layer adaptive_average_pooling2d: data_format=None
layer adaptive_average_pooling3d: data_format=None
layer adaptive_max_pooling1d: data_format=None
layer adaptive_max_pooling2d: data_format=None
layer adaptive_max_pooling3d: data_format=None
layer reversible_embedding: tie_weights=True, embeddings_initializer=random_uniform, mask_zero=False
layer einsum_dense: activation=None, bias_axes=None, kernel_initializer=glorot_uniform, \
bias_initializer=zeros
layer conv_lstm1d: strides=(1,), padding='valid', data_format=None, dilation_rate=(1,), \
activation=tanh, recurrent_activation=sigmoid, use_bias=True, kernel_initializer=glorot_uniform, \
recurrent_initializer=orthogonal, bias_initializer=zeros, unit_forget_bias=True, dropout=0.0, \
recurrent_dropout=0.0, seed=None, return_sequences=False, go_backwards=False
layer conv_lstm2d: strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), \
activation=tanh, recurrent_activation=sigmoid, use_bias=True, kernel_initializer=glorot_uniform, \
recurrent_initializer=orthogonal, bias_initializer=zeros, unit_forget_bias=True, dropout=0.0, \
recurrent_dropout=0.0, seed=None, return_sequences=False, go_backwards=False
layer conv_lstm3d: strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1), \
activation=tanh, recurrent_activation=sigmoid, use_bias=True, kernel_initializer=glorot_uniform, \
recurrent_initializer=orthogonal, bias_initializer=zeros, unit_forget_bias=True, dropout=0.0, \
recurrent_dropout=0.0, seed=None, return_sequences=False, go_backwards=False
layer normalization: axis=-1, mean=None, variance=None, invert=False
layer category_encoding: num_tokens=None, output_mode='multi_hot'
layer resizing: interpolation='bilinear', crop_to_aspect_ratio=False, pad_to_aspect_ratio=False, \
  fill_mode='constant', fill_value=0.0, antialias=False, data_format=None
layer center_crop: data_format=None
layer auto_contrast: value_range=(0, 255)
layer random_flip: mode='horizontal_and_vertical', seed=None, data_format=None
layer random_rotation: fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, \
  data_format=None
layer random_translation: fill_mode='reflect', interpolation='bilinear', seed=None, \
  fill_value=0.0, data_format=None
layer random_zoom: width_factor=None, fill_mode='reflect', interpolation='bilinear', seed=None, \
  fill_value=0.0, data_format=None
layer random_shear: x_factor=0.0, y_factor=0.0, interpolation='bilinear', fill_mode='reflect', \
  fill_value=0.0, data_format=None, seed=None
layer random_contrast: value_range=(0, 255), seed=None
layer random_brightness: value_range=(0, 255), seed=None
layer random_grayscale: factor=0.5, data_format=None, seed=None
layer random_color_degeneration: value_range=(0, 255), data_format=None, seed=None
layer random_invert: factor=1.0, value_range=(0, 255), seed=None, data_format=None
layer solarization: addition_factor=0.0, threshold_factor=0.0, value_range=(0, 255), seed=None
layer random_posterization: value_range=(0, 255), data_format=None, seed=None
layer random_sharpness: value_range=(0, 255), data_format=None, seed=None
layer discretization: bin_boundaries=None, output_mode='int'
layer integer_lookup: max_tokens=None, num_oov_indices=1, mask_token=None, oov_token=-1, \
  vocabulary=None, vocabulary_dtype='int64', invert=False, output_mode='int', \
  pad_to_max_tokens=False, oov_method='floormod'
layer activity_regularization: l1=0.0, l2=0.0
layer gaussian_noise: seed=None
layer gaussian_dropout: seed=None
layer alpha_dropout: seed=None
layer spatial_dropout1d: seed=None
layer spatial_dropout2d: data_format=None, seed=None
layer spatial_dropout3d: data_format=None, seed=None
layer group_normalization: groups=32, axis=-1, epsilon=0.001, center=True, scale=True, \
beta_initializer=zeros, gamma_initializer=ones
layer rms_normalization: axis=-1, epsilon=1e-06
layer unit_normalization: axis=-1
layer prelu: alpha_initializer=zeros, shared_axes=None
layer max_pooling2d: pool_size=(2, 2), strides=None, padding='valid', data_format=None
layer max_pooling3d: pool_size=(2, 2, 2), strides=None, padding='valid', data_format=None
layer average_pooling1d: strides=None, padding='valid', data_format=None
layer average_pooling2d: strides=None, padding='valid', data_format=None
layer average_pooling3d: strides=None, padding='valid', data_format=None
layer global_average_pooling1d: data_format=None, keepdims=False
layer global_average_pooling2d: data_format=None, keepdims=False
layer global_average_pooling3d: data_format=None, keepdims=False
layer global_max_pooling1d: data_format=None, keepdims=False
layer global_max_pooling2d: data_format=None, keepdims=False
layer global_max_pooling3d: data_format=None, keepdims=False
layer zero_padding1d: padding=((1, 1),), data_format=None
layer zero_padding2d: padding=((1, 1), (1, 1)), data_format=None
layer zero_padding3d: padding=((1, 1), (1, 1), (1, 1)), data_format=None
layer cropping1d: cropping=((1, 1),)
layer cropping2d: cropping=((0, 0), (0, 0)), data_format=None
layer cropping3d: cropping=((1, 1), (1, 1), (1, 1)), data_format=None
layer up_sampling1d: size=(2,)
layer up_sampling2d: size=(2, 2), data_format=None, interpolation='nearest'
layer up_sampling3d: size=(2, 2, 2), data_format=None
layer batch_normalization: axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, \
beta_initializer=zeros, gamma_initializer=ones, moving_mean_initializer=zeros, \
moving_variance_initializer=ones
layer layer_normalization: axis=-1, epsilon=0.001, center=True, scale=True, \
beta_initializer=zeros, gamma_initializer=ones
activation celu: alpha=1.0
activation elu: alpha=1.0
activation gelu: approximate=False
activation glu: axis=-1
activation hard_shrink: threshold=0.5
activation leaky_relu: negative_slope=0.2
activation log_softmax: axis=-1
activation relu: negative_slope=0.0, max_value=None, threshold=0.0
activation soft_shrink: threshold=0.5
activation softmax: axis=-1
activation sparsemax: axis=-1
activation squareplus: b=4.0
initializer constant: value=0.0
initializer glorot_normal: seed=None, input_axes=None, output_axes=None
initializer glorot_uniform: seed=None, input_axes=None, output_axes=None
initializer he_normal: seed=None, input_axes=None, output_axes=None
initializer he_uniform: seed=None, input_axes=None, output_axes=None
initializer identity: gain=1.0
initializer lecun_normal: seed=None, input_axes=None, output_axes=None
initializer lecun_uniform: seed=None, input_axes=None, output_axes=None
initializer orthogonal: gain=1.0, seed=None
initializer random_normal: mean=0.0, stddev=0.05, seed=None
initializer random_uniform: minval=-0.05, maxval=0.05, seed=None
initializer truncated_normal: mean=0.0, stddev=0.05, seed=None
initializer variance_scaling: scale=1.0, mode='fan_in', distribution='truncated_normal', \
seed=None, input_axes=None, output_axes=None
regularizer l1: l1=0.01
regularizer l2: l2=0.01
regularizer l1_l2: l1=0.0, l2=0.0
regularizer orthogonal_regularizer: factor=0.01, mode='rows'
optimizer sgd: learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None
optimizer adam: learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False, \
weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, \
ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None, \
gradient_accumulation_steps=None
optimizer adamw: learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, \
epsilon=1e-07, amsgrad=False
optimizer rmsprop: learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, centered=False
optimizer adagrad: learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-07
optimizer adadelta: learning_rate=0.001, rho=0.95, epsilon=1e-07
optimizer adamax: learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07
optimizer nadam: learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07
optimizer lion: learning_rate=0.001, beta_1=0.9, beta_2=0.99
optimizer adafactor: learning_rate=0.001, beta_2_decay=-0.8, epsilon_1=1e-30, epsilon_2=0.001, \
clip_threshold=1.0, relative_step=True
optimizer ftrl: learning_rate=0.001, learning_rate_power=-0.5, initial_accumulator_value=0.1, \
l1_regularization_strength=0.0, l2_regularization_strength=0.0, \
l2_shrinkage_regularization_strength=0.0, beta=0.0
optimizer lamb: learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07
optimizer muon: learning_rate=0.001, adam_beta_1=0.9, adam_beta_2=0.999, adam_weight_decay=0.004, \
epsilon=1e-07, weight_decay=0.004, exclude_layers=None, exclude_embeddings=True, muon_a=3.4445, \
muon_b=-4.775, muon_c=2.0315, adam_lr_ratio=1.0, momentum=0.95, ns_steps=5, nesterov=True, \
rms_rate=0.2
optimizer schedule_free_adamw: learning_rate=0.0025, beta_1=0.9, beta_2=0.999, epsilon=1e-08, \
warmup_steps=0
schedule exponential_decay: staircase=False
schedule inverse_time_decay: staircase=False
schedule polynomial_decay: end_learning_rate=0.0001, power=1.0, cycle=False
schedule cosine_decay: alpha=0.0, warmup_target=None, warmup_steps=0
schedule cosine_decay_restarts: t_mul=2.0, m_mul=1.0, alpha=0.0
constraint max_norm: max_value=2.0, axis=0
constraint unit_norm: axis=0
constraint min_max_norm: min_value=0.0, max_value=1.0, rate=1.0, axis=0
loss mean_squared_error: reduction='sum_over_batch_size'
loss mean_absolute_error: reduction='sum_over_batch_size'
loss huber: delta=1.0, reduction='sum_over_batch_size'
loss binary_crossentropy: from_logits=False, label_smoothing=0.0, axis=-1
loss categorical_crossentropy: from_logits=False, label_smoothing=0.0, axis=-1
loss sparse_categorical_crossentropy: from_logits=False, ignore_class=None, axis=-1
loss mean_absolute_percentage_error: reduction='sum_over_batch_size'
loss mean_squared_logarithmic_error: reduction='sum_over_batch_size'
loss log_cosh: reduction='sum_over_batch_size'
loss poisson: reduction='sum_over_batch_size'
loss kl_divergence: reduction='sum_over_batch_size'
loss hinge: reduction='sum_over_batch_size'
loss squared_hinge: reduction='sum_over_batch_size'
loss categorical_hinge: reduction='sum_over_batch_size'
loss cosine_similarity: axis=-1, reduction='sum_over_batch_size'
loss binary_focal_crossentropy: apply_class_balancing=False, alpha=0.25, gamma=2.0, \
from_logits=False, label_smoothing=0.0, axis=-1
loss categorical_focal_crossentropy: alpha=0.25, gamma=2.0, from_logits=False, \
label_smoothing=0.0, axis=-1
loss categorical_generalized_cross_entropy: q=0.5, reduction='sum_over_batch_size'
loss dice: reduction='sum_over_batch_size', axis=None
loss tversky: alpha=0.5, beta=0.5, reduction='sum_over_batch_size', axis=None
loss ctc: reduction='sum_over_batch_size'
loss circle: gamma=80.0, margin=0.4, remove_diagonal=True, reduction='sum_over_batch_size'
metric cosine_similarity: axis=-1
metric binary_accuracy: threshold=0.5
metric binary_crossentropy: from_logits=False, label_smoothing=0.0
metric categorical_crossentropy: from_logits=False, label_smoothing=0.0, axis=-1
metric sparse_categorical_crossentropy: from_logits=False, ignore_class=None, axis=-1
metric top_k_categorical_accuracy: k=5
metric sparse_top_k_categorical_accuracy: k=5
metric pearson_correlation: axis=-1
metric concordance_correlation: axis=-1
metric r2_score: class_aggregation='uniform_average'
metric auc: num_thresholds=200, curve='ROC', summation_method='interpolation', thresholds=None, \
multi_label=False, num_labels=None, label_weights=None, from_logits=False
metric precision: thresholds=None, top_k=None, class_id=None
metric recall: thresholds=None, top_k=None, class_id=None
metric true_positives: thresholds=None
metric false_positives: thresholds=None
metric true_negatives: thresholds=None
metric false_negatives: thresholds=None
metric sensitivity_at_specificity: num_thresholds=200, class_id=None
metric specificity_at_sensitivity: num_thresholds=200, class_id=None
metric precision_at_recall: num_thresholds=200, class_id=None
metric recall_at_precision: num_thresholds=200, class_id=None
metric f1_score: average=None, threshold=None
metric f_beta_score: average=None, beta=1.0, threshold=None
metric io_u: ignore_class=None, sparse_y_true=True, sparse_y_pred=True, axis=-1
metric mean_io_u: ignore_class=None, sparse_y_true=True, sparse_y_pred=True, axis=-1
metric one_hot_io_u: ignore_class=None, sparse_y_pred=False, axis=-1
metric one_hot_mean_io_u: ignore_class=None, sparse_y_pred=False, axis=-1
metric binary_io_u: target_class_ids=(0, 1), threshold=0.5
"""


@pytest.mark.parametrize("row", KERAS.strip().split("\n"))
def test_defaults_are_those_of_keras(row: str) -> None:
    head, _, arguments = row.partition(": ")
    family, word = head.split()
    fields = class_of(family, word).model_fields
    pairs = re.findall(r"(\w+)=(\([^=]*\)|[^,]+)", arguments)
    assert pairs
    for name, text in pairs:
        default = fields[name].get_default(call_default_factory=True)
        if isinstance(default, Word):
            assert (default.word, default.given()) == (text, {})
        else:
            expected = ast.literal_eval(text)
            assert (default, type(default)) == (expected, type(expected))


def test_defaults_of_every_word_with_defaults_are_listed() -> None:
    listed = {tuple(row.partition(": ")[0].split()) for row in KERAS.strip().split("\n")}
    own = {("layer", "activation"), ("layer", "custom")}
    for family, word in WORDS:
        cls = class_of(family, word)
        names = [n for n in cls.parameters() if n not in required(cls) and "regularizer" not in n]
        if names and family not in ("callback", "data") and (family, cls.word) not in own:
            assert (family, cls.word) in listed
