"""The words of Keras that the language leaves out, each with the reason."""

from __future__ import annotations

_LATER = "specc does not support it yet"
_FOREIGN = "it wraps code, and a spec holds none; name your own class with 'custom'"
_SEVERAL = "it takes several tensors, and a spec is a sequence of layers with one"
_LABELS = "it changes labels along with images, and a layer of a spec sees no labels"
_STRINGS = "it works on strings, which PyTorch has no tensors for; prepare the data before"
_REDUCES = "it reduces one array of values, where a metric compares outputs with targets"
_BY_SHAPE = (
    "Keras chooses it by the shape of the targets, which a spec does not contain; write "
    "binary_crossentropy, categorical_crossentropy or sparse_categorical_crossentropy"
)
_CELL = "a cell is one step of a layer; write it into 'rnn: {cell: ...}'"
_INPUT = "the key 'input' of the spec describes the input"


def _refused(reason: str, *words: str) -> dict[str, str]:
    return dict.fromkeys(words, reason)


REFUSED: dict[str, dict[str, str]] = {
    "layer": {
        **_refused(_CELL, "gru_cell", "lstm_cell", "simple_rnn_cell", "stacked_rnn_cells"),
        "hashing": "it spreads its input by FarmHash, which PyTorch's tensors do not have",
        "equalization": (
            "Keras cannot build it into a model: it states its input as its output, which is 'part "
            "of a cycle'"
        ),
        "contrast_limited_adaptive_histogram_equalization": (
            "it needs a histogram for each tile of each image, and PyTorch makes one at a time"
        ),
        "random_crop": (
            "at inference Keras leaves the image as it is, in another size than it states; use "
            "center_crop"
        ),
        "random_perspective": (
            "PyTorch samples images by affine matrices, a perspective has none; use random_shear"
        ),
        "random_elastic_transform": (
            "it blurs a field of noise by a width that it draws, and PyTorch has no blur"
        ),
        "random_gaussian_blur": (
            "it draws one width of blur for a batch, and PyTorch has no blur; use random_sharpness"
        ),
        "random_erasing": "PyTorch has no layer that erases parts; a dropout comes closest",
        **_refused(
            "PyTorch has no conversion to hue and saturation; use random_color_degeneration",
            "random_hue",
            "random_saturation",
            "random_color_jitter",
        ),
        **_refused(
            "no layer of PyTorch makes spectrograms; make them when the data is prepared",
            "mel_spectrogram",
            "stft_spectrogram",
        ),
        **_refused(
            "it picks among other layers for each batch; write those that you mean",
            "aug_mix",
            "rand_augment",
        ),
        "max_num_bounding_boxes": "it pads bounding boxes, and a layer of a spec sees images alone",
        "pipeline": "its layers can stand in the spec themselves",
        **_refused(
            _SEVERAL,
            "add",
            "additive_attention",
            "attention",
            "average",
            "concatenate",
            "dot",
            "group_query_attention",
            "hashed_crossing",
            "maximum",
            "minimum",
            "multi_head_attention",
            "multiply",
            "subtract",
        ),
        **_refused(_LABELS, "cut_mix", "mix_up"),
        **_refused(_STRINGS, "string_lookup", "text_vectorization"),
        **_refused(
            _FOREIGN, "lambda", "jax_layer", "flax_layer", "tfsm_layer", "torch_module_wrapper"
        ),
        **_refused(_INPUT, "input_layer", "input"),
    },
    "initializer": _refused(
        "it serves STFTSpectrogram alone, which specc does not translate",
        "stft",
        "stft_initializer",
    ),
    "optimizer": {
        "loss_scale_optimizer": "it scales losses for float16, and there is nothing to scale in"
        " float32; write the optimizer that it wraps",
        "multi_optimizer": "it wraps several optimizers, each for layers of its own, and a spec has"
        " one; write the one of most layers",
    },
    "loss": _refused(_BY_SHAPE, "ce", "crossentropy"),
    "metric": {
        **_refused(_REDUCES, "mean", "sum"),
        **_refused(
            "Keras has a function of that name, but neither a string nor a class for metrics",
            "binary_focal_crossentropy",
            "categorical_focal_crossentropy",
            "log_cosh",
            "huber",
        ),
        **_refused("Keras has no metric of that name", "ce", "crossentropy"),
    },
    "callback": _refused(
        _LATER,
        "backup_and_restore",
        "csv_logger",
        "history",
        "lambda_callback",
        "learning_rate_scheduler",
        "orbax_checkpoint",
        "progbar_logger",
        "reduce_lr_on_plateau",
        "remote_monitor",
        "swap_ema_weights",
        "tensor_board",
        "terminate_on_nan",
    ),
}
