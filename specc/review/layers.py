"""Layers beside one another: what cancels, repeats, serves nothing or is in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from specc.costs import cost, total_cost
from specc.program import Node
from specc.review.subject import (
    Found,
    Look,
    Subject,
    applied,
    is_convolution,
    is_map,
    is_written,
)
from specc.shapes import UNKNOWN, Shape, text
from specc.spec.layers.core import Dense, Embedding, Identity, Masking
from specc.spec.word import Activation

_TOO_MUCH = 0.8
_LARGE, _MOST = 10_000_000, 0.9


def no_activation_between(subject: Subject) -> Iterator[Found]:
    """Find two linear layers that are one, as there is no activation between them."""
    for node in subject.nodes:
        behind = _next_map(subject, node)
        if behind is not None and _collapses(node, behind):
            message = (
                f"{node.name} and {behind.name} have no activation between them, so together they "
                "are no more than one linear layer"
            )
            hint = "add activation: relu, or activation: linear where that is meant"
            yield Found(node.span, message, hint)


def _next_map(subject: Subject, node: Node) -> Node | None:
    """Return the layer behind one in a chain, but for those through which maps stay one map."""
    passed = ("dropout", "reshape", "permutation")
    behind = subject.first_behind(node, *passed)
    while behind is not None and isinstance(behind.layer, Identity):
        behind = subject.first_behind(behind, *passed)
    return behind


def _collapses(before: Node, node: Node) -> bool:
    first, second = before.layer, node.layer
    plain = applied(before) == "linear" and not is_written(first, "activation")
    if not plain or not first.trainable or type(first) is not type(second):
        return False
    if is_convolution(first) and is_convolution(second):
        # A kernel of 1 is how a convolution is made cheaper: that is a form, not a slip.
        return min(first.kernel_size) > 1 and min(second.kernel_size) > 1
    return isinstance(first, Dense)


def cancelled_bias(subject: Subject) -> Iterator[Found]:
    """Find a bias that the batch normalization behind it takes off."""
    told = subject.fit is not None and subject.fit.optimizer.whole_steps
    for node, following in subject.pairs:
        layer = node.layer
        if not following.layer.batch_statistics or told or node.nested:
            continue
        if not layer.trainable:  # its weights come from elsewhere, with a bias
            continue
        if not getattr(layer, "use_bias", False) or is_written(layer, "use_bias"):
            continue
        axis = getattr(following.layer, "axis", -1)
        first = getattr(layer, "data_format", None) == "channels_first"
        if applied(node) != "linear" or axis not in (
            (1,) if first else (-1, len(node.output_shape))
        ):
            continue
        message = f"{following.name} subtracts the bias of {node.name} with the mean"
        yield Found(node.span, message, "set use_bias: false")


def dropout_at_the_end(subject: Subject) -> Iterator[Found]:
    """Find a dropout behind the last layer with weights."""
    node: Node | None = subject.program.last
    while node is not None and node.layer.kind in ("dropout", "activation", "reshape"):
        if node.layer.kind == "dropout":
            message = f"{node.name} drops outputs of the model itself, so the loss sees zeros"
            yield Found(node.span, message, "put it before the last layer with weights")
        node = subject.program.graph.producer(node.input)


def normalization_at_the_end(subject: Subject) -> Iterator[Found]:
    """Find a normalization of the output that a loss of values or classes sees."""
    node, fit = subject.program.last, subject.fit
    if fit is None or fit.head.loss.kind == "similarity":
        return
    if node.layer.kind == "normalization":
        message = f"{node.name} is the last layer, so each output depends on the other values"
        if not node.layer.batch_statistics:
            message = f"{node.name} is the last layer, so the output has no scale of its own"
        yield Found(node.span, message, "end in a layer with weights")


def dropout_before_normalization(subject: Subject) -> Iterator[Found]:
    """Find a dropout whose variance a batch normalization takes for that of the data."""
    for node, following in subject.pairs:
        if node.layer.kind == "dropout" and following.layer.batch_statistics:
            message = (
                f"{following.name} learns a variance that {node.name} makes in training alone, so "
                "evaluation is scaled wrongly"
            )
            yield Found(node.span, message, "put the dropout behind the normalization")


def much_dropout(subject: Subject) -> Iterator[Found]:
    """Find a rate that drops nearly everything."""
    for node in subject.program.graph.walk():
        fields = ("rate",) if node.layer.kind == "dropout" else ("dropout", "recurrent_dropout")
        for field in fields:
            rate = getattr(node.layer, field, None)
            if isinstance(rate, float) and rate >= _TOO_MUCH:
                message = f"{node.name} drops {rate:.0%} of its input and keeps {1 - rate:.0%}"
                hint = f"did you mean to keep {rate:.0%}? the rate is then {1 - rate:.2g}"
                hint = hint if rate < 1 else "nothing is left; choose a smaller rate"
                yield Found(subject.place(node.layer, field), message, hint)


def dropout_twice(subject: Subject) -> Iterator[Found]:
    """Find a dropout right behind another."""
    for node, following in subject.pairs:
        if node.layer.kind == "dropout" and type(following.layer) is type(node.layer):
            message = f"{node.name} and {following.name} are one dropout of a larger rate"
            yield Found(following.span, message, "leave one of them out")


def activation_twice(subject: Subject) -> Iterator[Found]:
    """Find an activation right behind another."""
    for node, following in subject.pairs:
        first, second = applied(node), applied(following)
        own = is_map(node) or node.layer.kind == "activation" or node.layer.convolves
        if following.layer.kind != "activation" or "linear" in (first, second):
            continue
        if own and not node.nested:
            message = f"{node.name} ends in {first}, and {following.name} applies {second} to that"
            if first == second == "relu":
                message = f"{node.name} ends in relu already, so {following.name} changes nothing"
            yield Found(following.span, message, "leave one of them out")


def normalization_twice(subject: Subject) -> Iterator[Found]:
    """Find a normalization right behind another."""
    for node, following in subject.pairs:
        if node.layer.kind == following.layer.kind == "normalization":
            message = f"{following.name} normalizes what {node.name} has just normalized"
            yield Found(following.span, message, "leave one of them out")


def changes_nothing(subject: Subject) -> Iterator[Found]:
    """Find a layer whose output is its input."""
    for node in subject.nodes:
        # Who writes `identity` means it.
        if node.layer.is_identity(node.input_shape) and not isinstance(node.layer, Identity):
            message = f"{node.name} changes nothing: it gives the {text(node.output_shape)} it gets"
            yield Found(node.span, message, "leave it out")


def skipped_input(subject: Subject) -> Iterator[Found]:
    """Find windows that leave out a part of their input, as they are smaller than the strides."""
    for node in subject.program.graph.walk():
        layer = node.layer
        window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
        steps = getattr(layer, "strides", None)
        if window is None or not isinstance(steps, tuple):
            continue
        if layer.kind == "transposed_convolution":
            continue
        dilation = getattr(layer, "dilation_rate", (1,) * len(window))
        reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
        # A kernel of 1 with strides thins an image out on purpose, as in residual networks.
        thins = [reached == 1 and layer.convolves for reached in reach]
        if any(s > r and not t for s, r, t in zip(steps, reach, thins, strict=True)):
            message = (
                f"{node.name} moves by {text(steps)} but looks at {text(tuple(window))}, so it "
                "never sees a part of its input"
            )
            yield Found(subject.place(layer, "strides"), message, "use strides up to the window")


def dead_kernel(subject: Subject) -> Iterator[Found]:
    """Find a kernel so large that some of its entries meet padding alone."""
    for node in subject.nodes:
        layer = node.layer
        if not is_convolution(layer) or layer.padding != "same" or max(layer.strides) > 1:
            continue
        spatial, _ = layer.split(node.input_shape)
        sizes = zip(layer.kernel_size, layer.dilation_rate, spatial, strict=True)
        kept = tuple(_used(*size) for size in sizes)
        if prod(kept) < prod(layer.kernel_size):
            message = (
                f"the kernel {text(layer.kernel_size)} of {node.name} is larger than its input "
                f"{text(spatial)} reaches: {1 - prod(kept) / prod(layer.kernel_size):.0%} of it "
                "meets padding alone"
            )
            yield Found(subject.place(layer, "kernel_size"), message, _smaller(spatial))


def _used(kernel: int, dilation: int, size: int) -> int:
    """Return how many entries of a kernel along one axis ever meet an entry of the input."""
    if size is UNKNOWN:
        return kernel
    before = (kernel - 1) * dilation // 2
    return sum(abs(n * dilation - before) < size for n in range(kernel))


def _smaller(spatial: Shape) -> str:
    if max(size for size in spatial if size is not UNKNOWN) == 1:
        return "use a kernel of 1, or pool less before"
    return "use a smaller kernel, or pool less before"


def heavy_dense(subject: Subject) -> Iterator[Found]:
    """Find a dense layer behind a flatten that holds nearly all of a large model's weights."""
    total = total_cost(subject.program.graph).parameters
    for flat in subject.nodes:
        if flat.layer.word != "flatten" or len(flat.input_shape) < 2:
            continue
        node = subject.first_behind(flat, "dropout", "normalization", "activation")
        if node is None or not isinstance(node.layer, Dense):
            continue
        own = cost(node).parameters
        if own > _LARGE and own >= _MOST * total:
            message = (
                f"{node.name} holds {own:,} of the model's {total:,} weights, as {flat.name} "
                f"gives it {text(flat.output_shape)}"
            )
            yield Found(node.span, message, "pool more before, or use a global pooling")


def one_unit_within(subject: Subject) -> Iterator[Found]:
    """Find a dense layer of one unit that all that follows depends on."""
    for node in subject.nodes:
        if not isinstance(node.layer, Dense) or node.output_shape != (1,):
            continue
        if any(map(is_map, subject.program.graph.chain(node))):
            message = f"all that comes after {node.name} depends on its one number"
            yield Found(subject.place(node.layer, "units"), message, "give it more units")


def dense_over_time(subject: Subject) -> Iterator[Found]:
    """Find a `time_distributed` around what works on each step anyway."""
    for node in subject.nodes:
        layer = node.layer
        over_time = layer.applies and layer.each_step
        if over_time and isinstance(node.nested[0].layer, Dense):
            message = "dense works on each step by itself, so time_distributed adds nothing to it"
            yield Found(node.span, message, "write the dense alone")


def slow_recurrence(subject: Subject) -> Iterator[Found]:
    """Find an LSTM or GRU that the fast kernels of both frameworks do not know."""
    for node in subject.program.graph.walk():
        layer = node.layer
        if "use_cudnn" not in type(layer).model_fields:
            continue
        for field, usual in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
            found: Activation | None = getattr(layer, field)
            word = found.word if found else "linear"
            if word != usual:
                message = (
                    f"{layer.word} with {field}: {word} has no fast "
                    f"kernel in Keras nor in PyTorch, which know {usual} alone"
                )
                yield Found(subject.place(layer, field), message, f"use {usual}")
        if getattr(layer, "recurrent_dropout", 0.0):
            message = f"{layer.word} with recurrent_dropout has no fast kernel in Keras nor PyTorch"
            place = subject.place(layer, "recurrent_dropout")
            yield Found(place, message, "use dropout between layers")


def masked_by_rounding(subject: Subject) -> Iterator[Found]:
    """Find a `masking` of what weights made, in which no step is padding but by chance."""
    for node in subject.nodes:
        if not isinstance(node.layer, Masking):
            continue
        computed = next((n for n in subject.program.graph.before(node) if n.variables), None)
        if computed is not None:
            message = (
                f"{node.name} skips the steps in which all that {computed.name} makes of them is "
                "exactly the mask value, which rounding decides"
            )
            hint = f"put it before {computed.name}"
            if type(computed.layer) is Embedding:
                hint = "leave it to mask_zero: true there"
            yield Found(node.span, message, hint)


def dense_on_image(subject: Subject) -> Iterator[Found]:
    """Find a dense layer that takes each pixel by itself; the first one, as others follow it."""
    loss = subject.spec.loss
    # At the end, a dense layer on each pixel may be meant, but not often with classes.
    classifies = loss is not None and loss.kind in ("multiclass", "multiclass_hinge")
    for node in (node.work for node in subject.nodes):
        if not isinstance(node.layer, Dense) or len(node.input_shape) != 3:
            continue
        if node is subject.last and not classifies:
            continue
        message = (
            f"dense works on the last axis of {text(node.input_shape)} alone and gives "
            f"{text(node.output_shape)}"
        )
        yield Found(node.span, message, "put a flatten before it if the whole image is meant")
        return


def repeated_by_alias(subject: Subject) -> Iterator[Found]:
    """Find layers with weights of their own that a YAML alias repeats."""
    for node in subject.program.graph.walk():
        alias = subject.places.alias(node.layer)
        # Of a custom layer only those weights are known that it names.
        if alias is not None and (node.variables or getattr(node.layer, "weights", None)):
            message = (
                f"this alias makes another {node.layer.word}, {node.name}, with weights of its "
                "own; it shares none with the layer that it repeats"
            )
            yield Found(alias, message, "write the layer out where two are meant")


FINDINGS: dict[str, Look] = {
    "W320": no_activation_between,
    "W321": cancelled_bias,
    "W322": dropout_at_the_end,
    "W323": normalization_at_the_end,
    "W324": dropout_before_normalization,
    "W325": much_dropout,
    "W326": dropout_twice,
    "W327": activation_twice,
    "W328": normalization_twice,
    "W329": changes_nothing,
    "W330": skipped_input,
    "W331": dead_kernel,
    "W332": heavy_dense,
    "W333": one_unit_within,
    "W334": dense_over_time,
    "W335": slow_recurrence,
    "W336": masked_by_rounding,
    "W337": dense_on_image,
    "W338": repeated_by_alias,
}
