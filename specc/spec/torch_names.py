"""What PyTorch calls the words and fields of this language, for hints about mistakes.

Names are looked up without underscores, in lower case. Source: PyTorch's documentation of
torch.nn, torch.nn.init, torch.optim and torch.optim.lr_scheduler.
"""

from __future__ import annotations

from collections.abc import Collection

_CROSSENTROPY = (
    "for integer labels write 'sparse_categorical_crossentropy', for one-hot rows "
    "'categorical_crossentropy', with from_logits: true unless a softmax stands before it"
)

# By family; what is no word of it is the whole hint.
_WORDS = {
    "layer": {
        "linear": "dense",
        "batchnorm": "batch_normalization",
        "batchnorm1d": "batch_normalization",
        "batchnorm2d": "batch_normalization",
        "batchnorm3d": "batch_normalization",
        "layernorm": "layer_normalization",
        "groupnorm": "group_normalization",
        "instancenorm1d": "write 'group_normalization' with as many groups as channels",
        "instancenorm2d": "write 'group_normalization' with as many groups as channels",
        "rmsnorm": "rms_normalization",
        "maxpool1d": "max_pooling1d",
        "maxpool2d": "max_pooling2d",
        "maxpool3d": "max_pooling3d",
        "avgpool1d": "average_pooling1d",
        "avgpool2d": "average_pooling2d",
        "avgpool3d": "average_pooling3d",
        "adaptiveavgpool1d": "adaptive_average_pooling1d",
        "adaptiveavgpool2d": "adaptive_average_pooling2d",
        "adaptiveavgpool3d": "adaptive_average_pooling3d",
        "adaptivemaxpool1d": "adaptive_max_pooling1d",
        "adaptivemaxpool2d": "adaptive_max_pooling2d",
        "adaptivemaxpool3d": "adaptive_max_pooling3d",
        "convtranspose1d": "conv1d_transpose",
        "convtranspose2d": "conv2d_transpose",
        "convtranspose3d": "conv3d_transpose",
        "zeropad1d": "zero_padding1d",
        "zeropad2d": "zero_padding2d",
        "zeropad3d": "zero_padding3d",
        "dropout1d": "spatial_dropout1d",
        "dropout2d": "spatial_dropout2d",
        "dropout3d": "spatial_dropout3d",
        "upsample": "write 'up_sampling2d', or that of 1d or 3d",
        "unflatten": "reshape",
    },
    "loss": {
        "crossentropy": _CROSSENTROPY,
        "crossentropyloss": _CROSSENTROPY,
        "nll": _CROSSENTROPY,
        "nllloss": _CROSSENTROPY,
        "bce": "binary_crossentropy",
        "bceloss": "binary_crossentropy",
        "bcewithlogits": "write 'binary_crossentropy: {from_logits: true}'",
        "bcewithlogitsloss": "write 'binary_crossentropy: {from_logits: true}'",
        "l1": "mean_absolute_error",
        "l1loss": "mean_absolute_error",
        "l2": "mean_squared_error",
        "mseloss": "mean_squared_error",
        "smoothl1": "huber",
        "smoothl1loss": "huber",
        "huberloss": "huber",
        "kldiv": "kl_divergence",
        "kldivloss": "kl_divergence",
        "poissonnllloss": "poisson",
        "ctcloss": "ctc",
    },
    "metric": {
        "f1": "f1_score",
        "fbeta": "fbeta_score",
        "r2": "r2_score",
        "rmse": "root_mean_squared_error",
        "auroc": "auc",
        "iou": "mean_io_u",
        "jaccard": "mean_io_u",
        "top5": "write 'top_k_categorical_accuracy', whose k is 5 by default",
    },
    "initializer": {
        "kaiminguniform": "he_uniform",
        "kaimingnormal": "he_normal",
        "xavieruniform": "glorot_uniform",
        "xaviernormal": "glorot_normal",
        "truncnormal": "truncated_normal",
        "normal": "random_normal",
        "uniform": "random_uniform",
        "eye": "identity",
    },
    "schedule": {
        "multisteplr": "piecewise_constant_decay",
        "steplr": "piecewise_constant_decay",
        "exponentiallr": "exponential_decay",
        "polynomiallr": "polynomial_decay",
        "cosineannealing": "cosine_decay",
        "cosineannealinglr": "cosine_decay",
        "cosineannealingwarmrestarts": "cosine_decay_restarts",
    },
}

_FIELDS = {
    "bias": "use_bias",
    "dilation": "dilation_rate",
    "embeddingdim": "output_dim",
    "eps": "epsilon",
    "hiddensize": "units",
    "kernel": "kernel_size",
    "lr": "learning_rate",
    "nonlinearity": "activation",
    "numembeddings": "input_dim",
    "numgroups": "groups",
    "outchannels": "filters",
    "outfeatures": "units",
    "p": "rate",
    "stride": "strides",
}

_BEFORE = "trainable", "leave it out; what stands before the layer tells"
# A field that the word must have, and the hint.
_HINTS = {
    "affine": ("center", "write center and scale"),
    "batchfirst": ("units", "leave it out; samples always come first"),
    "betas": ("beta_1", "write beta_1 and beta_2"),
    "bidirectional": ("return_sequences", "write bidirectional: {layer: ...} around the layer"),
    "inchannels": _BEFORE,
    "infeatures": _BEFORE,
    "inputdim": _BEFORE,
    "inputshape": _BEFORE,
    "inputsize": _BEFORE,
    "l1": ("kernel_regularizer", "write kernel_regularizer: {l1: ...}"),
    "l2": ("kernel_regularizer", "write kernel_regularizer: {l2: ...}"),
    "learningrate": ("validation_split", "put it into the optimizer"),
    "lr": ("validation_split", "put it into the optimizer as learning_rate"),
    "maxnorm": ("kernel_constraint", "write kernel_constraint: {max_norm: ...}"),
    "normalizedshape": _BEFORE,
    "numfeatures": _BEFORE,
    "numlayers": ("return_sequences", "write as many layers, one after another"),
    "weightdecay": (
        "kernel_regularizer",
        "write kernel_regularizer: {l2: ...} with half of PyTorch's weight_decay",
    ),
}


def meant_word(family: str, word: str, words: Collection[str]) -> tuple[str | None, str | None]:
    """Return the word of a family that PyTorch's users mean, and a hint; None where none is known.

    Arguments:
        words: Those of the family.
    """
    found = _WORDS.get(family, {}).get(_plain(word))
    if found in words:
        return found, f"write {found!r}"
    return None, found if found and " " in found else None


def meant_field(field: str, fields: Collection[str]) -> tuple[str | None, str | None]:
    """Return the field that PyTorch's users mean, and a hint; None where none is known.

    Arguments:
        fields: Those that the word has.
    """
    found = _FIELDS.get(_plain(field))
    if found in fields:
        return found, f"write {found!r}"
    needed, hint = _HINTS.get(_plain(field), ("", ""))
    return (None, hint) if needed in fields else (None, None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "")
