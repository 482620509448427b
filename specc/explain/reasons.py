"""Why each error and each note is one, and what to do about it; those of warnings are advice.

What a code looks like is a spec in `specc.mistakes`; here are those that no small spec shows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """What there is to say about a code besides its meaning.

    Attributes:
        why: Why it is an error, or what differs.
        fix: What to do.
        shows: Where it comes from, for a code without a spec in `specc.mistakes`.
    """

    why: str
    fix: str
    shows: str = ""


_STALE = "The header of a program holds a digest of its spec, and another one of its own text."
_EXACT = "Leave it, or set `fidelity: exact` where both trainings have to be equal to rounding."

REASONS = {
    "E100": Reason(
        "A spec is UTF-8 text, on every system. Bytes in another encoding have no sure meaning.",
        "Save the file as UTF-8 in your editor.",
        "description: caf\\xe9, saved as Latin-1",
    ),
    "E101": Reason(
        "Limits keep a small text from asking for gigabytes, as nested aliases can.",
        "Shorten the spec; put long vocabularies into the data instead.",
        "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\n...",
    ),
    "E102": Reason(
        "The text cannot be read as YAML, so nothing in it is checked. The place is where the "
        "mistake was most likely made: a bracket or quote that stays open, a key without a colon, "
        "a line that begins in the wrong column.",
        "Do what the message says; what is left of the spec is checked in the next run.",
    ),
    "E103": Reason(
        "The file is empty, or holds comments alone.",
        "Start with name, input and layers; `specc init` writes a first spec.",
        "# a comment, and nothing else",
    ),
    "E104": Reason(
        "A file is one model, so that a program has one spec.",
        "Put each document into a file of its own, and take `---` out.",
    ),
    "E105": Reason(
        "An alias `*x` repeats what `&x` marks before it. Here nothing before it has that mark, "
        "or the alias stands within what it repeats.",
        "Mark the value with `&x` before its first use; put text that begins with `*` into quotes.",
    ),
    "E106": Reason(
        "A key names a word or an argument. Braces at the start of a value, as of a template, "
        "begin a mapping.",
        "Write the name alone; fill in templates before specc reads the spec.",
    ),
    "E107": Reason(
        "One of the two values would be dropped in silence, as most YAML readers do.",
        "Remove the one that is not meant.",
    ),
    "E108": Reason(
        "A tag asks the reader for another type or for an object of Python. A spec holds plain "
        "data alone, which no file can misuse.",
        "Remove the tag; quotes make a string of anything.",
    ),
    "E109": Reason(
        "Neither framework has integers above 64 bits, so that the value cannot be kept.",
        "Write a smaller number, or a float as 1e30.",
    ),
    "E110": Reason(
        "A spec is a mapping at its top: name, input, layers, and what trains the model.",
        "Begin with `name:`; indent the list of layers under `layers:`.",
    ),
    "E111": Reason(
        "The file belongs to another tool: a saved model, a configuration, a notebook. specc reads "
        "specs alone.",
        "Do what the message says; `specc init` writes a first spec.",
    ),
    "E201": Reason(
        "The language does not have the word. specc guesses nothing: a near word is only a hint.",
        "Take the word that the message names, or look for it with `specc explain`.",
    ),
    "E202": Reason(
        "Keras has the word, but no PyTorch program is known that does the same, or a spec cannot "
        "hold what it needs. The message has the reason.",
        "Take another word, or put both classes into your own module and use `custom`.",
    ),
    "E203": Reason(
        "Each place takes one kind of value: a word, a list of words or a mapping.",
        "Write the value in the form that the message names.",
    ),
    "E204": Reason(
        "An item of a list is one word. A word's arguments stand under its name, not beside it.",
        "Write `- dense: {units: 3, name: top}`, and each layer as an item of its own.",
    ),
    "E205": Reason(
        "Words are in snake case, as Keras writes them in its strings: `max_pooling2d`.",
        "Write the word that the message names.",
    ),
    "E206": Reason(
        "The word has no arguments, so that the value would be dropped.",
        "Write the word alone.",
    ),
    "E207": Reason(
        "The word has no such argument. To leave it out in silence would train another model.",
        "Correct the name; `specc explain WORD` lists the arguments.",
    ),
    "E208": Reason(
        "Keras has the argument, but it cannot become the same in both programs. The message has "
        "the reason.",
        "Leave it out, or set it in the generated program by hand.",
    ),
    "E209": Reason(
        "The argument has no default, in Keras as here: a dense layer without units has no size.",
        "Add the argument.",
    ),
    "E210": Reason(
        "The argument takes another type. Nothing is converted: '3' in quotes is text, not 3.",
        "Write a value of the type that the message names.",
    ),
    "E211": Reason(
        "No model can have this value, or both frameworks would refuse it when they run.",
        "Choose a value in the range, or one of the choices, that the message names.",
    ),
    "E212": Reason(
        "Many look for it, and this version has no such word or key. The message says what there "
        "is instead.",
        "Do what the message says; `custom` holds layers of your own.",
    ),
    "E301": Reason(
        "The name becomes an attribute, a class or a file of both programs, so that it has to be "
        "an identifier of Python in ASCII.",
        "Write letters, digits and underscores, with a letter first.",
    ),
    "E302": Reason(
        "Keras refuses two layers of one name, and a report cannot hold two figures of one name.",
        "Give one of the two another `name`.",
    ),
    "E303": Reason(
        "The program needs the name for something else, and would break or hide it.",
        "Choose another name.",
    ),
    "E401": Reason(
        "The layer cannot work on what the layer before gives. Keras would stop with an error "
        "when the model is built; some sizes PyTorch takes and computes something else.",
        "Change the layer's arguments, or put a `flatten`, `reshape` or pooling before it. "
        "`specc show` prints the shape behind each layer.",
    ),
    "E402": Reason(
        "The layer multiplies its input with weights or scales it, but it gets integers such as "
        "token numbers, whose size means nothing.",
        "Put an `embedding` or `category_encoding` before it, or set the `dtype` of the input.",
    ),
    "E403": Reason(
        "The initializer is defined for other shapes, or PyTorch holds the weight as another "
        "matrix, so that both programs could not begin alike.",
        "Choose another initializer for this weight.",
    ),
    "E404": Reason(
        "Orthogonality is a property of the rows or columns of a matrix.",
        "Use `l2` for other weights.",
    ),
    "E405": Reason(
        "Keras takes the output of `glu` to be as wide as its input, though it is half as wide, "
        "so that it builds the next layer for the wrong size.",
        "Put `glu` last, or a `custom` layer in its place.",
    ),
    "E406": Reason(
        "A mask from `masking` or `mask_zero` comes with the input, and the layer cannot take it "
        "or would pass it on in a shape that does not fit.",
        "Put a layer between that ends the mask, or leave the mask out.",
    ),
    "E407": Reason(
        "Padding is to be left out of the loss or metric, which computes over a whole batch and "
        "cannot.",
        "Use another loss or metric, or a last layer that ends the mask.",
    ),
    "E408": Reason(
        "`null` leaves a size open until the program runs. The number of weights, or what padding "
        "adds, depends on this one.",
        "Give the size, or take a layer that needs none, as global pooling.",
    ),
    "E409": Reason(
        "The constraint takes norms along axes of the weight, and this one has fewer.",
        "Name an axis of the weight; -1 is the last, 0 is the inputs of a dense kernel.",
    ),
    "E501": Reason(
        "The loss compares outputs with targets of a certain form, which the last layer does not "
        "give.",
        "Change the units of the last layer, or take the loss that fits: "
        "`sparse_categorical_crossentropy` for class numbers, `binary_crossentropy` for one unit.",
    ),
    "E502": Reason(
        "Loss and metrics get the same targets. Class numbers are no rows of one-hot values.",
        "Write `accuracy`, which fits every loss, or the metric with or without `sparse_`.",
    ),
    "E503": Reason(
        "The callback waits for a figure that never comes. Keras only warns, and the callback "
        "does nothing.",
        "Add the metric, or set `validation_split` for a figure with `val_`.",
    ),
    "E504": Reason(
        "Keras refuses an optimizer that clips in several ways.",
        "Keep one of clipnorm, clipvalue and global_clipnorm.",
    ),
    "E505": Reason(
        "Class weights scale the loss of each sample by its class, so that the loss has to know "
        "classes, numbered from 0 to the number of outputs.",
        "Leave `class_weight` out, or use a crossentropy over the classes it names.",
    ),
    "E506": Reason(
        "Keras saves by the ending of the path, and refuses others after the first epoch.",
        "End it in `.keras`, or in `.weights.h5` with `save_weights_only: true`.",
    ),
    "E507": Reason(
        "Classes stand along the last axis in both programs; another axis is not translated.",
        "Leave `axis` out; put a `permute` at the end of the model where classes stand elsewhere.",
    ),
    "E508": Reason(
        "An optimizer without weights fails when training begins.",
        "Add a layer with weights, or leave out optimizer, loss and training.",
    ),
    "E509": Reason(
        "The rows of a table are of one length, so that no size of the model can be open.",
        "Give each size, or keep the arrays in an `npz` file.",
    ),
    "E510": Reason(
        "FTRL divides by the learning rate: a rate of 0 makes weights that are not finite.",
        "Set a rate above 0, and a schedule that ends above 0.",
    ),
    "E512": Reason(
        "Each number of a target is a column of the table, by its name, or by its number where the "
        "table has no line of names.",
        "Write `target: [...]` with one column for each number of the output.",
    ),
    "E601": Reason(
        f"{_STALE} The spec has changed since the program was made.",
        "Run `specc build`, and commit what it writes.",
        "$ specc build --check net.yaml",
    ),
    "E602": Reason(
        f"{_STALE} The program's text is not what was made; a build would lose the edit.",
        "Move the edit into the spec, or build with `--force` to throw it away.",
        "$ specc build net.yaml",
    ),
    "E603": Reason(
        "The spec has no program in the folder where builds go, so that nobody can run it.",
        "Run `specc build`.",
        "$ specc build --check net.yaml",
    ),
    "E604": Reason(
        "The spec that a program was made from is gone, so that nothing keeps it up to date.",
        "Delete the program, or bring the spec back.",
        "$ specc build --check specs",
    ),
    "E605": Reason(
        "A file of the name that a program would get is there, and specc has not made it.",
        "Move the file, or give the spec another name.",
        "$ specc build net.yaml",
    ),
    "E606": Reason(
        "The program in the output folder comes from another spec of the same `name`. Each build "
        "would replace the other's programs.",
        "Give one of the specs another `name`, or build with `--force` to replace the program.",
        "$ specc build a.yaml && specc build b.yaml",
    ),
    "E607": Reason(
        "A merge left both versions of some lines in the spec, so that it is not one model.",
        "Choose the lines that hold, take the markers out, and build again.",
    ),
    "E608": Reason(
        "A merge left conflict markers in a program. Neither side was edited by hand, so nothing "
        "of a person's work is in it.",
        "Resolve the spec first; `specc build` then builds the program anew.",
        "$ specc build --check net.yaml",
    ),
    "N103": Reason(
        "The argument has no effect here, in Keras either; what was meant does not happen.",
        "Take it out, or add what it works with.",
    ),
    "N106": Reason(
        "Keras on TensorFlow adds a bias along the last axis where the sizes happen to be equal. "
        "The PyTorch program adds it along the axis of the channels.",
        "Use `channels_last`, or `use_bias: false`.",
    ),
    "N107": Reason(
        "Keras looks through the last activation and computes the metric from logits; from "
        "probabilities it is cut at 1e-7. Figures differ where outputs are saturated.",
        "Leave it where outputs are not extreme, or report another metric.",
    ),
    "N108": Reason(
        "specc does not know what a class of your own does with a mask.",
        "Nothing, where the mask may end there; else put the layer before the mask is made.",
    ),
    "N109": Reason(
        "The metric counts what the mask leaves out, or its figure is the same whatever the model"
        " gives.",
        "Report another metric, such as `accuracy`.",
    ),
    "N110": Reason(
        "A normalization takes off any bias before it, so that its gradient is 0 but for "
        "rounding. Optimizers that divide by the size of gradients make whole steps of that.",
        "Set `use_bias: false` in the layer before.",
    ),
    "N118": Reason(
        "A program trains where its spec has an optimizer and a loss. One of them is missing, so "
        "the program holds the model alone, and the keys that the note names serve nothing.",
        "Add what is missing, or take the others out.",
    ),
    "N201": Reason(
        "PyTorch's Adam adds epsilon after the bias correction, Keras' before it. Weights drift "
        "apart from the first steps, by up to 3e-3 after 100.",
        _EXACT,
    ),
    "N202": Reason(
        "PyTorch's RMSprop adds epsilon to the root, Keras' under it, which is more where "
        "gradients are small.",
        _EXACT,
    ),
    "N203": Reason(
        "PyTorch's running variance is the unbiased one, n / (n - 1) of Keras'. Training is "
        "equal, evaluation differs slightly, the more the smaller the batch.",
        _EXACT,
    ),
    "N204": Reason(
        "All layers of PyTorch draw from one stream of random numbers, a seeded layer of Keras "
        "from its own.",
        "Leave it out, and set the `seed` of the spec for runs that repeat.",
    ),
    "N205": Reason(
        "TensorFlow hands the gradients of a token that repeats in a batch to the optimizer one "
        "by one, which squares or clips each; PyTorch hands over their sum.",
        _EXACT,
    ),
    "N206": Reason(
        "Keras multiplies the loss by it and divides the gradients again, for numbers of half "
        "precision. In float32 that changes nothing.",
        "Leave it out.",
    ),
    "N207": Reason(
        "Keras saves a whole model or its weights as `.keras` or `.h5`, PyTorch a state_dict.",
        "Nothing; `load_state_dict` takes the file that the message names.",
    ),
    "N208": Reason(
        "Without training, a PyTorch module does not hold what only a loss would use; a Keras "
        "model does.",
        "Add optimizer, loss and training to the spec, or add the penalties to your own loss.",
    ),
    "N209": Reason(
        "PyTorch's Adamax adds epsilon to each gradient before the maximum, Keras' to the maximum.",
        _EXACT,
    ),
    "N210": Reason(
        "The slope at exactly 0 is a convention, and the frameworks have different ones.",
        "Nothing: behind a layer with weights, an input is seldom exactly 0.",
    ),
    "N211": Reason(
        "TensorFlow takes the gradient of a sampled image by sampling back, PyTorch the true one."
        " Gradients of the weights before it differ, measured up to a tenth.",
        "Put the augmentation before all layers with weights, where no gradient goes through it.",
    ),
    "N212": Reason(
        "Where `same` adds 2 or more to an axis, TensorFlow's gradient of the input is wrong; "
        "PyTorch's is right.",
        "Take strides that are at most one above the kernel.",
        "layers:\n  - conv3d_transpose: {filters: 2, kernel_size: 1, strides: 4, padding: same}",
    ),
    "N213": Reason(
        "The loss of a sample with fewer steps than its labels need is infinite in PyTorch, about"
        " 700 in Keras on TensorFlow.",
        "Leave such samples out of the data, or give the model more steps.",
        "layers:\n  - dense: 9\nloss: ctc",
    ),
    "N221": Reason(
        "Keras' momentum holds the learning rate of each of its steps, PyTorch's takes the "
        "current rate for all of them. Weights were up to 0.3 apart after a drop to a tenth.",
        _EXACT,
    ),
    "N222": Reason(
        "PyTorch's Adafactor factors the last two dimensions of a weight, of a convolution's "
        "kernel its window; Keras' factors the last two axes, its channels.",
        _EXACT,
    ),
    "N223": Reason(
        "Muon takes the matrices between the first and the last layer; all else is updated by "
        "AdamW, as in Keras.",
        "Use `adamw`, or add a dense layer between.",
    ),
    "N224": Reason(
        "Keras' fit builds this optimizer before it knows the initial weights, and would train "
        "from 0. The Keras program builds it first.",
        "Nothing in the program; in code of your own, call `optimizer.build` first.",
    ),
    "N225": Reason(
        "The optimizer looks at the norm of a whole weight. Keras holds the two biases of a gru "
        "as one weight, PyTorch as two.",
        "Take another optimizer, or `reset_after: false`, which has one bias.",
    ),
    "N226": Reason(
        "TensorFlow gives each of several equal maxima the whole gradient, PyTorch gives it to "
        "one of them.",
        "Nothing where inputs are seldom equal; relu before it makes many zeros equal.",
    ),
    "N301": Reason(
        "A program was made from a spec that is not there any more.",
        "Delete it, or bring the spec back.",
        "$ specc build",
    ),
    "N302": Reason(
        "A merge left conflict markers in the program, and neither side was edited by hand.",
        "Nothing: the program is built anew from the spec as it is now. Commit it.",
        "$ specc build net.yaml",
    ),
    "N303": Reason(
        "The program that was there came from a spec of another file name, which is gone.",
        "Nothing, where the spec was renamed; else bring the program back from git.",
        "$ specc build net.yaml",
    ),
}
