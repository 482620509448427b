"""Advice about training; see `specc.review.training`."""

from __future__ import annotations

from specc.review.advice.entry import Advice

_EARLY = "https://keras.io/api/callbacks/early_stopping/"
_CHECKPOINT = "https://keras.io/api/callbacks/model_checkpoint/"
_STOP = "early_stopping: {{monitor: {}, patience: {}, restore_best_weights: true}}"


def _stopping(monitor: str, patience: int, more: str = "") -> str:
    stop = _STOP.format(monitor, patience)
    return f"""
training:
  epochs: 20
  validation_split: 0.1{more}
  callbacks:
    - {stop}
"""


def _callback(callback: str) -> str:
    return f"""
metrics: [accuracy]
training:
  epochs: 20
  validation_split: 0.1
  callbacks:
    - {callback}
"""


_BATCH_NORM = """
layers:
  - dense: {units: 64, use_bias: false}
  - batch_normalization
  - relu
  - dense: {units: 10, activation: softmax}
"""

ADVICE: dict[str, Advice] = {
    "W350": Advice(
        reason=(
            "Optimizers differ in what a learning rate means. With sgd the step is the rate times "
            "the gradient; with adam and its kin each step is about as long as the rate; lion's "
            "is a sign. A rate from one of them in another diverges, or learns nothing. "
            "adadelta's paper has 1.0, where Keras' default is 0.001. Of a schedule, the largest "
            "rate counts."
        ),
        fix=(
            "Usual are 1e-4 to 1 for sgd, 1e-5 to 1e-2 for adam, adamw, nadam and rmsprop, a third "
            "to a tenth of that for lion, and about 1 for adadelta."
        ),
        source=(
            "Bengio, Practical recommendations, 2012, section 3.1; Kingma and Ba, Adam, 2014; "
            "Zeiler, ADADELTA, 2012; Chen et al., Symbolic discovery of optimization algorithms "
            "(lion), 2023"
        ),
        url="https://arxiv.org/abs/1206.5533",
        shows="optimizer: {adam: 0.1}",
        instead="optimizer: {sgd: 0.1}",
    ),
    "W351": Advice(
        reason=(
            "An average with the factor 1 never forgets, and a momentum of 1 adds up all gradients "
            "there were. beta_1 averages gradients and beta_2 their squares over more steps; the "
            "other way around, adam's step is no longer bounded by its rate."
        ),
        fix="Usual are momentum 0.9, beta_1 0.9, beta_2 0.999 and ema_momentum 0.99 or more.",
        source="Kingma and Ba, Adam, 2014, section 2.1",
        url="https://arxiv.org/abs/1412.6980",
        shows="optimizer: {adam: {beta_1: 0.999, beta_2: 0.9}}",
        instead="optimizer: {adam: {beta_1: 0.9, beta_2: 0.95}}",
    ),
    "W352": Advice(
        reason=(
            "A decay is to lower the rate. With a `decay_rate` above 1 it grows without end; "
            "`polynomial_decay` ends at 1e-4 where nothing else is said, which is above a small "
            "first rate; `alpha` of a cosine is a share, not a rate."
        ),
        fix="Use a `decay_rate` below 1, and say where a polynomial decay ends.",
        source="Keras, Learning rate schedules API",
        url="https://keras.io/api/optimizers/learning_rate_schedules/",
        shows="""
optimizer:
  adam:
    learning_rate: {polynomial_decay: {initial_learning_rate: 2e-5, decay_steps: 1000}}
""",
        instead="""
optimizer:
  adam:
    learning_rate:
      polynomial_decay: {initial_learning_rate: 2e-5, decay_steps: 1000, end_learning_rate: 0.0}
""",
    ),
    "W353": Advice(
        reason=(
            "Clipping is for the few gradients that explode. A limit far below usual norms clips "
            "all of them, so that it takes the part of the learning rate, or stops training."
        ),
        fix="Use the norm that gradients usually have, as 1 to 5; look at it before.",
        source="Pascanu, Mikolov and Bengio, On the difficulty of training RNNs, 2013, section 3.2",
        url="https://arxiv.org/abs/1211.5063",
        shows="optimizer: {adam: {clipnorm: 1e-4}}",
        instead="optimizer: {adam: {clipnorm: 1.0}}",
    ),
    "W354": Advice(
        reason=(
            "Batch normalization estimates mean and variance from one batch. From four samples or "
            "fewer both are mostly noise, and evaluation, which uses averages, computes something "
            "else. To accumulate gradients does not make the batch larger."
        ),
        fix="Use `group_normalization` or `layer_normalization`, or batches of 16 and more.",
        source="Wu and He, Group normalization, 2018",
        url="https://arxiv.org/abs/1803.08494",
        shows=_BATCH_NORM + "training: {epochs: 20, batch_size: 2}\n",
        instead=_BATCH_NORM + "training: {epochs: 20, batch_size: 16}\n",
    ),
    "W355": Advice(
        reason=(
            "Early stopping waits for `patience` epochs without progress. Where training has no "
            "more than that, it ends by itself before."
        ),
        fix="Lower the patience, or raise the epochs.",
        source="Keras, EarlyStopping",
        url=_EARLY,
        shows=_stopping("val_loss", 20),
        instead=_stopping("val_loss", 5),
    ),
    "W356": Advice(
        reason=(
            "What a model is trained on gets better as long as it is trained, overfitting "
            "included. A part of the data is kept back to see that, and then not looked at."
        ),
        fix="Watch the figure of the validation: `val_loss` for `loss`.",
        source="Prechelt, Early stopping - but when?, 1998",
        url="https://doi.org/10.1007/3-540-49430-8_3",
        shows=_stopping("loss", 5),
        instead=_stopping("val_loss", 5),
    ),
    "W357": Advice(
        reason=(
            "When early stopping ends training, the best weights are `patience` epochs old. Keras "
            "keeps those of the last epoch by default."
        ),
        fix="Set `restore_best_weights: true`, or `false` where the last weights are meant.",
        source="Keras, EarlyStopping: restore_best_weights",
        url=_EARLY,
        shows=_callback("early_stopping: {patience: 5}"),
        instead=_callback("early_stopping: {patience: 5, restore_best_weights: false}"),
    ),
    "W358": Advice(
        reason=(
            "A checkpoint looks at `monitor` with `save_best_only` alone; without, each epoch "
            "overwrites the one before, better or not."
        ),
        fix="Set `save_best_only: true`, or leave out the monitor.",
        source="Keras, ModelCheckpoint",
        url=_CHECKPOINT,
        shows=_callback("model_checkpoint: {filepath: best.keras, monitor: val_loss}"),
        instead=_callback(
            "model_checkpoint: {filepath: best.keras, monitor: val_loss, save_best_only: true}"
        ),
    ),
    "W359": Advice(
        reason=(
            "With this mode the callback takes the worst epoch for the best one: it stops when "
            "the model improves, or keeps the worst weights."
        ),
        fix="Set the other mode, or leave it out: Keras knows the direction of its figures.",
        source="Keras, ModelCheckpoint: mode",
        url=_CHECKPOINT,
        shows=_callback(
            "early_stopping: {monitor: val_accuracy, mode: min, patience: 5, "
            "restore_best_weights: true}"
        ),
        instead=_callback(
            "early_stopping: {monitor: val_accuracy, mode: max, patience: 5, "
            "restore_best_weights: true}"
        ),
    ),
    "W360": Advice(
        reason=(
            "`validation_split` is the share that validates and is not trained on. Above a half, "
            "it is likely to have been taken for the other one."
        ),
        fix="Use 0.1 to 0.3.",
        source="Keras, Model training APIs: validation_split",
        url="https://keras.io/api/models/model_training_apis/",
        shows="training: {epochs: 20, validation_split: 0.8}",
        instead="training: {epochs: 20, validation_split: 0.2}",
    ),
    "W361": Advice(
        reason=(
            "Training needs an optimizer and a loss. Where one of them is missing, the programs "
            "build the model and stop: a loss, metrics, data or callbacks that the spec has do "
            "nothing."
        ),
        fix=(
            "Add the optimizer or the loss. For a model alone, leave out the keys that serve "
            "nothing."
        ),
        source="Keras, Model training APIs: compile",
        url="https://keras.io/api/models/model_training_apis/",
        shows="loss: sparse_categorical_crossentropy",
        instead="optimizer: adam\nloss: sparse_categorical_crossentropy",
    ),
}
