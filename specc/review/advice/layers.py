"""Advice about layers beside one another; see `specc.review.layers`."""

from __future__ import annotations

from specc.review.advice.entry import Advice

_NORM = "https://arxiv.org/abs/1502.03167"
_DROPOUT = "https://jmlr.org/papers/v15/srivastava14a.html"
_ARITHMETIC = "https://arxiv.org/abs/1603.07285"

ADVICE: dict[str, Advice] = {
    "W320": Advice(
        reason=(
            "A linear layer of a linear layer is one linear layer, with the product of their "
            "kernels: the second adds weights and no new functions."
        ),
        fix=(
            "Add an activation. Where a factor of a kernel is meant, say `activation: linear`, and "
            "the warning goes away."
        ),
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.1",
        url="https://www.deeplearningbook.org/contents/mlp.html",
        shows="""
layers:
  - dense: 64
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 16, activation: linear, name: factor}
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W321": Advice(
        reason=(
            "Batch normalization subtracts the mean of each feature, and with it any constant that "
            "the layer before has added; its own beta stands in for the bias. The bias costs "
            "memory and time, and its gradient is rounding alone."
        ),
        fix="Set `use_bias: false`. Where a bias is written out, it is taken to be meant.",
        source="Ioffe and Szegedy, Batch normalization, 2015, section 3.2",
        url=_NORM,
        shows="""
layers:
  - dense: 64
  - batch_normalization
  - relu
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, use_bias: false}
  - batch_normalization
  - relu
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W322": Advice(
        reason=(
            "Dropout behind the last weights sets outputs themselves to 0 in training: the loss "
            "compares targets with numbers that the model did not give, and no later layer learns "
            "to do without them."
        ),
        fix="Put the dropout before the last layer with weights.",
        source="Srivastava et al., Dropout, 2014",
        url=_DROPOUT,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
  - dropout: 0.2
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W323": Advice(
        reason=(
            "A normalization at the end takes the scale from what the loss is to see, and a batch "
            "normalization makes the output of a sample depend on the others of its batch."
        ),
        fix="Normalize before the last layer with weights.",
        source="Ioffe and Szegedy, Batch normalization, 2015, section 3.2",
        url=_NORM,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 1, use_bias: false}
  - batch_normalization
loss: mean_squared_error
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - batch_normalization
  - dense: 1
loss: mean_squared_error
""",
    ),
    "W324": Advice(
        reason=(
            "In training, dropout raises the variance that the batch normalization behind it "
            "gathers; in evaluation there is no dropout, and the gathered variance is too large."
        ),
        fix="Put the dropout behind the normalization, and best behind all of them.",
        source="Li et al., Understanding the disharmony between dropout and BN, 2018",
        url="https://arxiv.org/abs/1801.05134",
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dropout: 0.5
  - batch_normalization
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - batch_normalization
  - dropout: 0.5
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W325": Advice(
        reason=(
            "The rate is the share that is dropped. Usual are 0.1 to 0.5; from 0.8 on a layer "
            "works with a fifth of its input or less. Some papers and TensorFlow 1 name the share "
            "that is kept."
        ),
        fix="Take 1 less the rate where the share that is kept was meant, else a smaller one.",
        source="Srivastava et al., Dropout, 2014, section 7.3 and appendix A.4",
        url=_DROPOUT,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dropout: 0.8
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W326": Advice(
        reason="Two dropouts in a row are one, which drops `1 - (1 - a) * (1 - b)`.",
        fix="Leave out one of them.",
        source="Srivastava et al., Dropout, 2014",
        url=_DROPOUT,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - dropout: 0.2
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dropout: 0.2
  - dense: {units: 64, activation: relu}
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W327": Advice(
        reason=(
            "An activation of an activation is seldom meant: a second relu does nothing, a second "
            "softmax flattens the first one, and a saturating one fades the gradient once more."
        ),
        fix="Leave out one of them.",
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.3",
        url="https://www.deeplearningbook.org/contents/mlp.html",
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - activation: relu
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, use_bias: false}
  - batch_normalization
  - activation: relu
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W328": Advice(
        reason="What has just been normalized has the mean and variance that it is given again.",
        fix="Leave out one of them.",
        source="Ioffe and Szegedy, Batch normalization, 2015",
        url=_NORM,
        shows="""
layers:
  - dense: {units: 64, activation: relu}
  - layer_normalization
  - batch_normalization
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - layer_normalization
  - dense: {units: 64, activation: relu}
  - batch_normalization
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W329": Advice(
        reason=(
            "A flatten of a vector, a pool of 1, a padding of 0 or a reshape to the same shape is "
            "left from a change of the model, or was to do something else."
        ),
        fix="Leave it out, or give it the argument that was meant.",
        source="Keras, Reshaping layers",
        url="https://keras.io/api/layers/reshaping_layers/",
        shows="""
layers:
  - flatten
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [8, 8]}
layers:
  - flatten
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W330": Advice(
        reason=(
            "A window that moves by more than its size never looks at what lies between, whatever "
            "it is. A convolution with a kernel of 1 is exempt: it subsamples on purpose."
        ),
        fix="Use strides of at most the size of the window.",
        source="Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016",
        url=_ARITHMETIC,
        shows="""
input: {shape: [28, 28, 1]}
layers:
  - conv2d: {filters: 8, kernel_size: 3, strides: 4, activation: relu}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [28, 28, 1]}
layers:
  - conv2d: {filters: 8, kernel_size: 3, strides: 3, activation: relu}
  - conv2d: {filters: 8, kernel_size: 1, strides: 2, activation: relu}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W331": Advice(
        reason=(
            "With `padding: same` a kernel may be larger than what it looks at. Its outer entries "
            "then meet padding alone, at every place: they are never trained and change nothing. "
            "It is a sign that the image has been pooled too far."
        ),
        fix="Pool less before, or use a smaller kernel.",
        source="Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016",
        url=_ARITHMETIC,
        shows="""
input: {shape: [2, 2, 64]}
layers:
  - conv2d: {filters: 8, kernel_size: 5, padding: same, activation: relu}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [2, 2, 64]}
layers:
  - conv2d: {filters: 8, kernel_size: 3, padding: same, activation: relu}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W332": Advice(
        reason=(
            "A dense layer on a large flattened image has a weight for each of its entries and "
            "units: more than nine tenths of more than 10 million, here. They overfit, and fill "
            "memory."
        ),
        fix="Pool more before the flatten, or put a global average pooling in its place.",
        source="Lin, Chen and Yan, Network in network, 2013, section 3.2",
        url="https://arxiv.org/abs/1312.4400",
        shows="""
input: {shape: [128, 128, 3]}
layers:
  - conv2d: {filters: 32, kernel_size: 3, activation: relu}
  - flatten
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [128, 128, 3]}
layers:
  - conv2d: {filters: 32, kernel_size: 3, activation: relu}
  - global_average_pooling2d
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W333": Advice(
        reason=(
            "Behind a dense layer of one unit every output is a function of one number, however "
            "many layers follow."
        ),
        fix="Give it more units, or end the model there.",
        source="Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.4",
        url="https://www.deeplearningbook.org/contents/mlp.html",
        shows="""
layers:
  - dense: {units: 1, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 2, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W334": Advice(
        reason=(
            "Dense works on the last axis of any input, so on each step of a sequence by itself. "
            "`time_distributed` makes the same of it with more operations, and hides a last "
            "softmax from Keras' crossentropies, which then cannot use its logits."
        ),
        fix="Write the dense alone.",
        source="Keras, Dense layer",
        url="https://keras.io/api/layers/core_layers/dense/",
        shows="""
input: {shape: [12, 8]}
layers:
  - time_distributed: {layer: {dense: {units: 16, activation: relu}}}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [12, 8]}
layers:
  - dense: {units: 16, activation: relu}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W335": Advice(
        reason=(
            "The fast kernels of cuDNN know tanh and sigmoid and no recurrent dropout. With "
            "anything else, both frameworks go from step to step, several times slower; and an "
            "activation without bound lets the state grow."
        ),
        fix="Leave the activations at their defaults, and put dropout between layers.",
        source="Keras, LSTM layer: the requirements of the cuDNN implementation",
        url="https://keras.io/api/layers/recurrent_layers/lstm/",
        shows="""
input: {shape: [12, 8]}
layers:
  - lstm: {units: 16, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [12, 8]}
layers:
  - lstm: 16
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W336": Advice(
        reason=(
            "A masking looks for steps whose entries all equal one value. Padding of the data has "
            "it; what a layer with weights makes of padding has it no longer, and other steps may "
            "have it by rounding, in one framework and not in the other."
        ),
        fix="Put the masking first, or let the embedding make the mask.",
        source="Keras, Masking layer",
        url="https://keras.io/api/layers/core_layers/masking/",
        shows="""
input: {shape: [12, 8]}
layers:
  - dense: {units: 16, activation: relu}
  - masking
  - lstm: 16
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [12, 8]}
layers:
  - masking
  - dense: {units: 16, activation: relu}
  - lstm: 16
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W337": Advice(
        reason=(
            "Keras' Dense works on the last axis: on an image it computes from the channels of "
            "each pixel by itself, as a convolution with a kernel of 1 does, and the output is an "
            "image again. Who means the whole image flattens it first."
        ),
        fix="Put a `flatten` or `global_average_pooling2d` before it; else use `conv2d`.",
        source="Keras, Dense layer: the note on inputs of a rank above 2",
        url="https://keras.io/api/layers/core_layers/dense/",
        shows="""
input: {shape: [28, 28, 1]}
layers:
  - conv2d: {filters: 8, kernel_size: 3, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
        instead="""
input: {shape: [28, 28, 1]}
layers:
  - conv2d: {filters: 8, kernel_size: 3, activation: relu}
  - flatten
  - dense: {units: 10, activation: softmax}
""",
    ),
    "W338": Advice(
        reason=(
            "In YAML, `*name` stands for the text at `&name`. A layer that it repeats is written "
            "twice, so it is two layers, each with weights of its own. It shares none, as one "
            "Keras layer that is called twice would."
        ),
        fix=(
            "Write the layer out where two layers are meant. Layers that share weights cannot be "
            "written yet."
        ),
        source="YAML 1.2.2, section 7.1, Alias Nodes",
        url="https://yaml.org/spec/1.2.2/#71-alias-nodes",
        shows="""
layers:
  - &hidden
    dense: {units: 64, activation: relu}
  - *hidden
  - dense: {units: 10, activation: softmax}
""",
        instead="""
layers:
  - dense: {units: 64, activation: relu}
  - dense: {units: 64, activation: relu}
  - dense: {units: 10, activation: softmax}
""",
    ),
}
