"""Advice about weights; see `specc.review.weights`."""

from __future__ import annotations

from specc.review.advice.entry import Advice

_SELU = "https://arxiv.org/abs/1706.02515"
_GLOROT = "https://proceedings.mlr.press/v9/glorot10a.html"
_DECAY = "https://arxiv.org/abs/1711.05101"


def _stack(count: int, layer: str) -> str:
    lines = [f"  - dense: {{units: 64, {layer}}}"] * count
    return "\n".join(["", "layers:", *lines, "  - dense: {units: 10, activation: softmax}", ""])


_PLAIN = "activation: relu"

ADVICE: dict[str, Advice] = {
    "W340": Advice(
        reason=(
            "A relu cuts off half of the signal. The initializers of He make up for that, those of "
            "Glorot, which are Keras' default, do not: each layer halves the variance or worse. It "
            "appears where less than a hundredth of the signal's deviation comes through and "
            "nothing normalizes it; networks of 30 such layers do not train at all."
        ),
        fix="Set `kernel_initializer: he_normal` or `he_uniform` in the relu layers, or normalize.",
        source="He et al., Delving deep into rectifiers, 2015, section 2.2",
        url="https://arxiv.org/abs/1502.01852",
        shows=_stack(15, _PLAIN),
        instead=_stack(15, f"{_PLAIN}, kernel_initializer: he_normal"),
    ),
    "W341": Advice(
        reason=(
            "The initializers of He have twice the variance, for a relu that cuts half of it off. "
            "In front of tanh or sigmoid it drives units to where they are flat."
        ),
        fix="Use `glorot_uniform`, Keras' default, or `glorot_normal`.",
        source="Glorot and Bengio, Understanding the difficulty of training deep networks, 2010",
        url=_GLOROT,
        shows=_stack(1, "activation: tanh, kernel_initializer: he_normal"),
        instead=_stack(1, "activation: tanh, kernel_initializer: glorot_normal"),
    ),
    "W342": Advice(
        reason=(
            "selu keeps mean 0 and variance 1 from layer to layer, which is what it is for, where "
            "weights begin with variance 1 / fan_in: lecun_normal."
        ),
        fix="Set `kernel_initializer: lecun_normal`.",
        source="Klambauer et al., Self-normalizing neural networks, 2017",
        url=_SELU,
        shows=_stack(1, "activation: selu"),
        instead=_stack(1, "activation: selu, kernel_initializer: lecun_normal"),
    ),
    "W343": Advice(
        reason=(
            "Dropout sets entries to 0, which shifts the mean and variance that selu keeps. "
            "`alpha_dropout` sets them to its lower end and corrects both."
        ),
        fix="Use `alpha_dropout`.",
        source="Klambauer et al., Self-normalizing neural networks, 2017",
        url=_SELU,
        shows="""
layers:
  - dense: {units: 64, activation: selu, kernel_initializer: lecun_normal}
  - dropout: 0.1
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: selu, kernel_initializer: lecun_normal}
  - alpha_dropout: 0.1
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W344": Advice(
        reason=(
            "Units that begin with equal weights compute the same, get the same gradient, and "
            "remain equal: the layer is one unit, copied. Kernels of 0 have no gradient below."
        ),
        fix="Use a random initializer. Zeros are for biases and for last layers.",
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.4",
        url="https://www.deeplearningbook.org/contents/optimization.html",
        shows=_stack(1, "activation: relu, kernel_initializer: zeros"),
        instead=_stack(1, "activation: relu, bias_initializer: ones"),
    ),
    "W345": Advice(
        reason=(
            "The slope of a sigmoid is at most a quarter, and its mean is a half, which drives the "
            "next ones into saturation. Through three or more, the first layers hardly learn."
        ),
        fix="Use relu or tanh in hidden layers.",
        source="Glorot and Bengio, Understanding the difficulty of training deep networks, 2010",
        url=_GLOROT,
        shows=_stack(3, "activation: sigmoid"),
        instead=_stack(3, "activation: tanh"),
    ),
    "W346": Advice(
        reason=(
            "A bias needs little data to be right and shapes no interaction of inputs, so that a "
            "penalty on it underfits and prevents little. That holds for the scale and offset of "
            "a normalization too."
        ),
        fix="Penalize kernels alone.",
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, section 7.1",
        url="https://www.deeplearningbook.org/contents/regularization.html",
        shows=_stack(1, "activation: relu, bias_regularizer: {l2: 1e-4}"),
        instead=_stack(1, "activation: relu, kernel_regularizer: {l2: 1e-4}"),
    ),
    "W347": Advice(
        reason=(
            "An L2 penalty goes through the optimizer's moments and is scaled by them; decoupled "
            "decay does not, which is its point. Both together shrink weights twice, by amounts "
            "that no single number controls."
        ),
        fix="Leave out the penalty, or the optimizer's `weight_decay` (adamw has one by default).",
        source="Loshchilov and Hutter, Decoupled weight decay regularization, 2017",
        url=_DECAY,
        shows=_stack(1, "activation: relu, kernel_regularizer: {l2: 1e-4}")
        + "optimizer: {adamw: 1e-3}\n",
        instead=_stack(1, "activation: relu, kernel_regularizer: {l2: 1e-4}")
        + "optimizer: {adam: 1e-3}\n",
    ),
    "W348": Advice(
        reason=(
            "A penalty of 1 or more on each weight outweighs a loss that is of the order of 1: "
            "training brings weights to 0 and fits little. Usual are 1e-5 to 1e-2."
        ),
        fix="Use a smaller factor. Keras' L2 is `factor * sum(w * w)`, without a half.",
        source="Bengio, Practical recommendations for gradient-based training, 2012, section 3.2",
        url="https://arxiv.org/abs/1206.5533",
        shows=_stack(1, "activation: relu, kernel_regularizer: {l2: 1.0}"),
        instead=_stack(1, "activation: relu, kernel_regularizer: {l2: 0.01}"),
    ),
}
