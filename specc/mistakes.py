"""A small spec for each code of an error or note that one spec shows; `specc explain` prints it.

Those of warnings are in `specc.review.advice`. What only bytes, sizes or other files show has none.
"""

from __future__ import annotations

_LAYERS = "name: net\ninput: [4]\nlayers:\n"
_TRAINED = "optimizer: sgd\nloss: mse\ntraining: {epochs: 2}\n"
_IMAGE = "name: net\ninput: [8, 8, 1]\nlayers:\n  - conv2d: {filters: 2, kernel_size: 3}\n"
_DENSE = _LAYERS + "  - dense: 3\n"
_SCHEDULED = (
    "\n  sgd:\n    momentum: 0.9\n    learning_rate:\n"
    "      inverse_time_decay: {initial_learning_rate: 0.1, decay_steps: 9, decay_rate: 1}"
)

MISTAKES = {
    "E102": "name: net\ninput: [4\nlayers:\n  - dense: 3\n",
    "E104": _DENSE + "---\n" + _DENSE,
    "E105": _LAYERS + "  - dense: *units\n",
    "E106": _DENSE.replace("net", "{{ name }}"),
    "E107": _LAYERS + "  - dense: {units: 3, units: 5}\n",
    "E108": _DENSE.replace("net", "!!str net"),
    "E109": _LAYERS + "  - dense: 123456789012345678901234567890\n",
    "E110": "- dense: 3\n",
    "E111": "services:\n  trainer: {image: tensorflow}\n",
    "E201": _LAYERS + "  - dens: 3\n",
    "E202": _DENSE + "optimizer: sgd\nloss: crossentropy\ntraining: {epochs: 2}\n",
    "E203": _DENSE.replace("[4]", "4"),
    "E204": _LAYERS + "  - {identity: 1, name: same}\n",
    "E205": _LAYERS + "  - Dense: 3\n",
    "E206": _LAYERS + "  - dense: {units: 3, activation: {sigmoid: 3}}\n",
    "E207": _LAYERS + "  - dense: {units: 3, activaton: relu}\n",
    "E208": _DENSE + _TRAINED.replace("mse", "{mse: {dtype: float16}}"),
    "E209": _LAYERS + "  - dense: {activation: relu}\n",
    "E210": _LAYERS + "  - dense: three\n",
    "E211": _LAYERS + "  - dense: 0\n",
    "E212": _DENSE + "strategy: ddp\n",
    "E301": _DENSE.replace("net", "class"),
    "E302": _LAYERS + "  - dense: {units: 3, name: top}\n  - dense: {units: 3, name: top}\n",
    "E303": _DENSE.replace("net", "value_error"),
    "E401": _LAYERS + "  - conv2d: {filters: 2, kernel_size: 3}\n",
    "E402": "name: net\ninput: {shape: [4], dtype: int32}\nlayers:\n  - dense: 3\n",
    "E403": _LAYERS + "  - dense: {units: 3, bias_initializer: orthogonal}\n",
    "E404": _LAYERS + "  - dense: {units: 3, bias_regularizer: orthogonal_regularizer}\n",
    "E405": _LAYERS + "  - dense: {units: 6, activation: glu}\n  - dense: 3\n",
    "E406": (
        "name: net\ninput: [3, 6, 5, 2]\nlayers:\n  - masking\n"
        "  - conv_lstm2d: {filters: 2, kernel_size: 2}\n"
    ),
    "E407": (
        "name: net\ninput: [6, 3]\nlayers:\n  - masking\n"
        "  - dense: {units: 3, activation: sigmoid}\n" + _TRAINED.replace("mse", "dice")
    ),
    "E408": "name: net\ninput: [null, 8]\nlayers:\n  - flatten\n  - dense: 3\n",
    "E409": _LAYERS + "  - dense: {units: 3, kernel_constraint: {unit_norm: {axis: 2}}}\n",
    "E501": _LAYERS + "  - dense: 1\n" + _TRAINED.replace("mse", "categorical_hinge"),
    "E502": _DENSE + _TRAINED + "metrics: [sparse_categorical_accuracy]\n",
    "E503": _DENSE
    + "optimizer: sgd\nloss: mse\ntraining: {callbacks: [early_stopping: {patience: 3}]}\n",
    "E504": _DENSE + _TRAINED.replace("sgd", "{adam: {clipnorm: 1.0, clipvalue: 0.5}}"),
    "E505": _DENSE + _TRAINED.replace("epochs: 2", "class_weight: {0: 1.0, 1: 2.0}"),
    "E506": _DENSE + _TRAINED.replace("epochs: 2", "callbacks: [model_checkpoint: best.pt]"),
    "E507": _DENSE + _TRAINED.replace("mse", "{categorical_crossentropy: {axis: 0}}"),
    "E508": _LAYERS + "  - dropout: 0.4\n" + _TRAINED,
    "E509": "name: net\ninput: [null, 4]\nlayers:\n  - dense: 1\n"
    + _TRAINED
    + "data: {csv: table.csv}\n",
    "E510": _DENSE + _TRAINED.replace("sgd", "{ftrl: {learning_rate: 0.0}}"),
    "E512": _DENSE + _TRAINED + "data: {csv: {path: table.csv, target: price}}\n",
    "E607": (_LAYERS + "<<<<<<< HEAD\n  - dense: 3\n=======\n  - dense: 5\n>>>>>>> wider\n"),
    "N103": _DENSE + "  - dropout: {rate: 0.2, trainable: false}\n",
    "N106": (
        "name: net\ninput: [3, 8, 6]\nlayers:\n"
        "  - conv2d: {filters: 6, kernel_size: 3, padding: same, data_format: channels_first}\n"
    ),
    "N107": (
        _LAYERS
        + "  - dense: {units: 3, activation: softmax}\n"
        + _TRAINED
        + "metrics: [categorical_crossentropy]\n"
    ),
    "N108": (
        "name: net\ninput: {shape: [6], dtype: int32}\nlayers:\n"
        "  - embedding: {input_dim: 9, output_dim: 4, mask_zero: true}\n"
        "  - custom: {keras: a.b:C, torch: a.b:C}\n"
    ),
    "N109": (
        "name: net\ninput: [6, 3]\nlayers:\n  - masking\n"
        "  - dense: {units: 1, activation: sigmoid}\n"
        + _TRAINED.replace("mse", "binary_crossentropy")
        + "metrics: [precision]\n"
    ),
    "N110": (_DENSE + "  - batch_normalization\n  - dense: 2\n" + _TRAINED.replace("sgd", "lion")),
    "N118": _DENSE + "loss: mse\nmetrics: [mae]\n",
    "N201": _DENSE + _TRAINED.replace("sgd", "adam"),
    "N202": _DENSE + _TRAINED.replace("sgd", "rmsprop"),
    "N203": _DENSE + "  - batch_normalization\n" + _TRAINED,
    "N204": _DENSE + "  - dropout: {rate: 0.4, seed: 3}\n" + _TRAINED,
    "N205": (
        "name: net\ninput: {shape: [6], dtype: int32}\nlayers:\n"
        "  - embedding: {input_dim: 9, output_dim: 4}\n  - flatten\n  - dense: 3\n"
        + _TRAINED.replace("sgd", "adam")
    ),
    "N206": _DENSE + _TRAINED.replace("sgd", "{sgd: {loss_scale_factor: 128.0}}"),
    "N207": _DENSE + _TRAINED.replace("epochs: 2", "callbacks: [model_checkpoint: best.keras]"),
    "N208": "name: net\ninput: [6, 4]\nlayers:\n  - masking\n  - dense: 3\n",
    "N209": _DENSE + _TRAINED.replace("sgd", "adamax"),
    "N210": _LAYERS + "  - dense: {units: 3, activation: selu}\n" + _TRAINED,
    "N211": _IMAGE + "  - random_rotation: 0.1\n" + _TRAINED,
    "N221": _DENSE + _TRAINED.replace("sgd", _SCHEDULED),
    "N222": _IMAGE.replace("filters: 2", "filters: 300") + _TRAINED.replace("sgd", "adafactor"),
    "N223": _IMAGE + _TRAINED.replace("sgd", "muon"),
    "N224": _DENSE + _TRAINED.replace("sgd", "schedule_free_adamw"),
    "N225": "name: net\ninput: [5, 2]\nlayers:\n  - gru: 3\n" + _TRAINED.replace("sgd", "lamb"),
    "N226": (
        "name: net\ninput: [4, 4, 4, 1]\nlayers:\n  - max_pooling3d: 2\n  - flatten\n"
        "  - dense: 1\n" + _TRAINED
    ),
}
