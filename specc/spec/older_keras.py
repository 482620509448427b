"""What Keras 1 and 2, and TensorFlow 1, called the words, fields and values of this language.

Names are looked up without underscores, in lower case. Source: the documentation of Keras 1.2 and
2.15, and the release notes of Keras 2, 2.3 and 3.
"""

from __future__ import annotations

_LOCAL = "Keras has it no longer; write a class of your own and name it with 'custom'"

# By family: the word, or the whole hint.
WORDS: dict[str, dict[str, str]] = {
    "layer": {
        "atrousconv1d": "write 'conv1d' with dilation_rate",
        "atrousconv2d": "write 'conv2d' with dilation_rate",
        "atrousconvolution1d": "write 'conv1d' with dilation_rate",
        "atrousconvolution2d": "write 'conv2d' with dilation_rate",
        "cudnngru": "gru",
        "cudnnlstm": "lstm",
        "deconv2d": "conv2d_transpose",
        "deconv3d": "conv3d_transpose",
        "deconvolution2d": "conv2d_transpose",
        "deconvolution3d": "conv3d_transpose",
        "highway": _LOCAL,
        "locallyconnected1d": _LOCAL,
        "locallyconnected2d": _LOCAL,
        "maxoutdense": _LOCAL,
        "minmaxnorm": "'min_max_norm' is a constraint",
        "parametricsoftplus": _LOCAL,
        "randomheight": "write 'random_zoom: {height_factor: ..., width_factor: 0.0}'",
        "randomwidth": "write 'random_zoom: {height_factor: 0.0, width_factor: ...}'",
        "srelu": _LOCAL,
        "syncbatchnormalization": "batch_normalization",
        "thresholdedrelu": "write 'relu: {threshold: ...}'",
        "timedistributeddense": "dense",
    },
    "initializer": {
        "heinit": "he_normal",
        "lecun": "write 'lecun_normal' or 'lecun_uniform'",
        "xavierinitializer": "glorot_uniform",
    },
    "regularizer": {
        "activityl2": "l2",
        "weightregularizer": "write 'l1', 'l2' or 'l1_l2'",
        "wl2": "l2",
    },
    "constraint": {
        "maxnormconstraint": "max_norm",
        "nonnegative": "non_neg",
    },
    "optimizer": {
        "momentum": "write 'sgd: {momentum: 0.9}'",
        "momentumoptimizer": "write 'sgd: {momentum: 0.9}'",
        "nesterov": "write 'sgd: {momentum: 0.9, nesterov: true}'",
        "gradientdescent": "sgd",
        "gradientdescentoptimizer": "sgd",
        "adamoptimizer": "adam",
        "rmspropoptimizer": "rmsprop",
    },
    "schedule": {
        "timebaseddecay": "inverse_time_decay",
        "naturalexpdecay": "exponential_decay",
        "lineardecay": "polynomial_decay",
        "piecewiseconstant": "piecewise_constant_decay",
        "stepdecay": "piecewise_constant_decay",
    },
    "loss": {
        "cosineproximity": "cosine_similarity",
        "kullbackleiblerdivergence": "kl_divergence",
        "sigmoidcrossentropy": "write 'binary_crossentropy: {from_logits: true}'",
        "softmaxcrossentropy": "write 'categorical_crossentropy: {from_logits: true}'",
        "sparsesoftmaxcrossentropy": "write 'sparse_categorical_crossentropy: {from_logits: true}'",
    },
    "metric": {
        "cosineproximity": "cosine_similarity",
        "kullbackleiblerdivergence": "kl_divergence",
        "fmeasure": "f1_score",
        "topkaccuracy": (
            "write 'top_k_categorical_accuracy', or 'sparse_top_k_categorical_accuracy' for "
            "integer labels"
        ),
    },
}

# The field, or several, of which the first counts that the word has.
FIELDS: dict[str, str] = {
    "alphainit": "alpha_initializer",
    "atrousrate": "dilation_rate",
    "bconstraint": "bias_constraint",
    "betainit": "beta_initializer",
    "bordermode": "padding",
    "bregularizer": "bias_regularizer",
    "dimordering": "data_format",
    "dropoutu": "recurrent_dropout",
    "dropoutw": "dropout",
    "filterlength": "kernel_size",
    "forgetbiasinit": "unit_forget_bias",
    "gammainit": "gamma_initializer",
    "init": "kernel_initializer embeddings_initializer",
    "inneractivation": "recurrent_activation",
    "innerinit": "recurrent_initializer",
    "length": "size",
    "lr": "learning_rate",
    "nbepoch": "epochs",
    "nbfilter": "filters",
    "nbfilters": "filters",
    "numoutputs": "units",
    "outputdim": "units",
    "poollength": "pool_size",
    "sigma": "stddev",
    "subsample": "strides",
    "subsamplelength": "strides",
    "uconstraint": "recurrent_constraint",
    "uregularizer": "recurrent_regularizer",
    "wconstraint": "kernel_constraint embeddings_constraint",
    "weightsinitializer": "kernel_initializer",
    "weightsregularizer": "kernel_regularizer",
    "wregularizer": "kernel_regularizer embeddings_regularizer",
}

_BEFORE = "trainable", "leave it out; what stands before the layer tells"
_SPEED = "units", "leave it out; it changes the speed alone"
_LOADING = "batch_size", "leave it out; it changes how samples are loaded, not what is trained"
_SIDES = "kernel_size", "write kernel_size: [rows, columns]"
_OPEN_DECAY = (
    "write learning_rate: {inverse_time_decay: {initial_learning_rate: ..., decay_steps: 1, "
    "decay_rate: ...}}, which is what decay did"
)
# The fields of which the word must have one, and the hint.
HINTS: dict[str, tuple[str, str]] = {
    "batchinputshape": _BEFORE,
    "consumeless": _SPEED,
    "decay": ("learning_rate", _OPEN_DECAY),
    "fused": ("moving_mean_initializer", "leave it out; it changes the speed alone"),
    "implementation": _SPEED,
    "inputdim": _BEFORE,
    "inputlength": _BEFORE,
    "inputshape": _BEFORE,
    "keepprob": ("rate", "write rate, the share that is dropped: 1 - keep_prob"),
    "kerneldim1": ("kernel_size", "write kernel_size: [depth, height, width]"),
    "maxqsize": _LOADING,
    "maxqueuesize": _LOADING,
    "mode": ("moving_mean_initializer", "leave it out; axis says what is normalized"),
    "nbcol": _SIDES,
    "nbrow": _SIDES,
    "nbworker": _LOADING,
    "period": ("save_freq", "leave it out; a checkpoint is looked at after each epoch"),
    "renorm": ("moving_mean_initializer", "leave it out; Keras has it no longer"),
    "samplesperepoch": ("epochs", "leave it out; an epoch goes through all samples"),
    "scheduledecay": ("learning_rate", "leave it out; Keras 3 keeps 0.004, its default"),
    "theta": ("threshold", "write threshold"),
    "timemajor": ("return_sequences", "leave it out; samples always come first"),
    "usemultiprocessing": _LOADING,
    "workers": _LOADING,
}

# Values of fields that are one of several.
VALUES: dict[str, str] = {
    "th": "channels_first",
    "tf": "channels_last",
}
