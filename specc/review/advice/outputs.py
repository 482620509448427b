"""Advice about the model's end; see `specc.review.outputs`."""

from __future__ import annotations

from specc.review.advice.entry import Advice

_LOSSES = "https://keras.io/api/losses/probabilistic_losses/"
_BISHOP = (
    "https://www.microsoft.com/en-us/research/publication/pattern-recognition-machine-learning/"
)

ADVICE: dict[str, Advice] = {
    "W301": Advice(
        reason=(
            "`from_logits: true` tells the loss that it gets what comes before a softmax or "
            "sigmoid. After one, it would be applied twice: gradients shrink and the loss cannot "
            "reach 0. Keras on TensorFlow looks through the last activation and warns; other "
            "backends do not."
        ),
        fix="Leave out `from_logits`, or leave out the last activation.",
        source="Keras, Probabilistic losses: from_logits",
        url=_LOSSES,
        shows="loss: {sparse_categorical_crossentropy: {from_logits: true}}",
        instead="loss: sparse_categorical_crossentropy",
    ),
    "W302": Advice(
        reason=(
            "The loss is that of one right class, and takes probabilities that sum to 1. Sigmoids "
            "are independent: Keras scales them to a sum of 1, so only their ratio is trained, "
            "and the model's output is not a probability."
        ),
        fix=(
            "End in softmax; where several labels may be right at once, keep the sigmoid and use "
            "`binary_crossentropy`."
        ),
        source="Bishop, Pattern Recognition and Machine Learning, 2006, section 5.2",
        url=_BISHOP,
        shows="""
layers:
  - dense: {units: 10, activation: sigmoid}
loss: categorical_crossentropy
""",
        instead="""
layers:
  - dense: {units: 10, activation: sigmoid}
loss: binary_crossentropy
""",
    ),
    "W303": Advice(
        reason=(
            "The loss asks of each output by itself whether its label is right, but a softmax "
            "lets probabilities share a sum of 1: two right labels can never both be likely. With "
            "one right label out of several, the loss is mostly about the wrong ones."
        ),
        fix="Use `categorical_crossentropy`, or sigmoid where several labels may be right.",
        source="Bishop, Pattern Recognition and Machine Learning, 2006, section 5.2",
        url=_BISHOP,
        shows="loss: binary_crossentropy",
        instead="loss: categorical_crossentropy",
    ),
    "W304": Advice(
        reason=(
            "The gradient of a squared or absolute error goes through the softmax, which is flat "
            "where a model is sure: one that is surely wrong hardly learns. From random weights, "
            "networks trained so end in worse optima."
        ),
        fix="Use a crossentropy.",
        source="Golik, Doetsch and Ney, Cross-entropy vs. squared error training, 2013",
        url="https://www.isca-archive.org/interspeech_2013/golik13_interspeech.html",
        shows="loss: mean_squared_error",
        instead="loss: categorical_crossentropy",
    ),
    "W305": Advice(
        reason=(
            "A crossentropy takes the logarithm of a probability. What this activation gives is "
            "below 0 or above 1 for some samples; it is cut there, with no gradient."
        ),
        fix="End in softmax for one class out of several, in sigmoid for labels of their own.",
        source="Keras, Probabilistic losses",
        url=_LOSSES,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: relu}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W306": Advice(
        reason=(
            "Below 0 a relu has no gradient. Where its input is negative for all samples, as after "
            "an unlucky start, the output is 0 and stays so; and no target below 0 can be met."
        ),
        fix="Leave out the last activation; where targets are positive, use softplus.",
        source="Lu et al., Dying ReLU and initialization, 2019",
        url="https://arxiv.org/abs/1903.06733",
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 1, activation: relu}
loss: mean_squared_error
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 1, activation: softplus}
loss: mean_squared_error
""",
    ),
    "W307": Advice(
        reason=(
            "Targets of a hinge loss are -1 and 1, and its margin asks of negative samples an "
            "output of at most -1. An activation that is never negative never reaches that."
        ),
        fix="Leave out the last activation, or use tanh; or use `binary_crossentropy`.",
        source="Keras, Hinge losses",
        url="https://keras.io/api/losses/hinge_losses/",
        shows="""
layers:
  - dense: {units: 1, activation: sigmoid}
loss: hinge
""",
        instead="""
layers:
  - dense: {units: 1, activation: tanh}
loss: hinge
""",
    ),
    "W308": Advice(
        reason=(
            "The loss is `p - y * log(p)`: the output is the mean of a count, which is above 0. Of "
            "an output below 0 the logarithm is nan, and so is every weight after that batch."
        ),
        fix="End in softplus, or in exponential, which is the canonical link.",
        source="McCullagh and Nelder, Generalized Linear Models, 1989, chapter 6",
        url="https://doi.org/10.1201/9780203753736",
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: 1
loss: poisson
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 1, activation: exponential}
loss: poisson
""",
    ),
    "W309": Advice(
        reason=(
            "An accuracy counts outputs that are the right class. Numbers are hardly ever equal to "
            "their targets, so the figure is near 0 or says something else than it seems."
        ),
        fix="Report `mean_absolute_error`, `root_mean_squared_error` or `r2_score`.",
        source="Keras, Regression metrics",
        url="https://keras.io/api/metrics/regression_metrics/",
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: 1
loss: mean_squared_error
metrics: [accuracy]
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: 1
loss: mean_squared_error
metrics: [mean_absolute_error]
""",
    ),
    "W310": Advice(
        reason=(
            "With several outputs, `accuracy` is that of classes: whether the largest output is "
            "the largest target. Of labels that may be right together it tells next to nothing."
        ),
        fix="Report `binary_accuracy`, or `auc` or `f1_score` where most labels are 0.",
        source="Keras, Accuracy metrics",
        url="https://keras.io/api/metrics/accuracy_metrics/",
        shows="""
layers:
  - dense: {units: 10, activation: sigmoid}
loss: binary_crossentropy
metrics: [accuracy]
""",
        instead="""
layers:
  - dense: {units: 10, activation: sigmoid}
loss: binary_crossentropy
metrics: [binary_accuracy]
""",
    ),
    "W311": Advice(
        reason=(
            "`binary_accuracy` counts each entry of a one-hot row. All but one are 0, so a model "
            "that has learned nothing reports nine tenths for ten classes."
        ),
        fix="Report `accuracy`.",
        source="Keras, Accuracy metrics",
        url="https://keras.io/api/metrics/accuracy_metrics/",
        shows="""
loss: categorical_crossentropy
metrics: [binary_accuracy]
""",
        instead="""
loss: categorical_crossentropy
metrics: [accuracy]
""",
    ),
    "W312": Advice(
        reason=(
            "Weights that are equal for all classes favour none: they only scale the loss, as "
            "another learning rate would. A class that is left out has the weight 1."
        ),
        fix="Give rare classes larger weights, or leave out `class_weight`.",
        source="Keras, Model training APIs: class_weight",
        url="https://keras.io/api/models/model_training_apis/",
        shows="""
layers:
  - dense: {units: 2, activation: softmax}
training: {epochs: 20, class_weight: {0: 2.0, 1: 2.0}}
""",
        instead="""
layers:
  - dense: {units: 2, activation: softmax}
training: {epochs: 20, class_weight: {0: 1.0, 1: 2.0}}
""",
    ),
    "W313": Advice(
        reason=(
            "A softmax makes its units share a sum of 1: one that wins silences the others, and "
            "the gradient fades. It belongs where one of several is chosen."
        ),
        fix="Use relu or another activation in hidden layers.",
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 6.2.2.3 and 6.3.3",
        url="https://www.deeplearningbook.org/contents/mlp.html",
        shows="""
layers:
  - dense: {units: 64, activation: softmax}
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W314": Advice(
        reason=(
            "The loss takes the logarithm of probabilities. A last layer without softmax or "
            "sigmoid gives any number: Keras cuts it to the range from 0 to 1 or scales it, so "
            "that the model trains badly or not at all, without an error. `ctc` is the other way "
            "around: it takes logits and applies a softmax itself."
        ),
        fix=(
            "Add the activation, or set `from_logits: true` in the loss; before `ctc`, leave the "
            "activation out."
        ),
        source="Keras, Probabilistic losses: from_logits",
        url=_LOSSES,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: 10
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W315": Advice(
        reason=(
            "A softmax divides by the sum over its axis. Where that axis has one entry, the "
            "result is 1 whatever the model computes, and no gradient comes through."
        ),
        fix="Use sigmoid for one probability, or give the layer one unit for each class.",
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.2.3",
        url="https://www.deeplearningbook.org/contents/mlp.html",
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 1, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 1, activation: sigmoid}
""",
    ),
}
