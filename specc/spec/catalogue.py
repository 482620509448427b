"""Which word is which class. Modules are imported when a spec uses one of their words."""

from __future__ import annotations

from importlib import import_module

from specc.spec.word import Word


def _table(module: str, words: str) -> dict[str, str]:
    pairs = (pair.split("=") for pair in words.split())
    return {word: f"specc.spec.{module}:{cls}" for word, cls in pairs}


def _ranks(words: str) -> str:
    """Return words of images with those of sequences and volumes beside them."""
    return " ".join(
        f"{word}{rank}d={cls}{rank}D"
        for word, cls in (pair.split("=") for pair in words.split())
        for rank in (2, 1, 3)
    )


_POOLING = _ranks("""max_pooling=MaxPooling max_pool=MaxPooling average_pooling=AveragePooling
    avg_pool=AveragePooling global_average_pooling=GlobalAveragePooling
    global_avg_pool=GlobalAveragePooling global_max_pooling=GlobalMaxPooling
    global_max_pool=GlobalMaxPooling
    adaptive_average_pooling=AdaptiveAveragePooling adaptive_max_pooling=AdaptiveMaxPooling""")
_RESHAPING = "flatten=Flatten reshape=Reshape permute=Permute repeat_vector=RepeatVector " + _ranks(
    """zero_padding=ZeroPadding
    cropping=Cropping up_sampling=UpSampling"""
)

CATALOGUE: dict[str, dict[str, str]] = {
    "layer": {
        **_table(
            "layers.core",
            "dense=Dense embedding=Embedding reversible_embedding=ReversibleEmbedding"
            " masking=Masking identity=Identity custom=Custom",
        ),
        **_table(
            "layers.activation",
            "activation=ActivationLayer relu=ReluLayer leaky_relu=LeakyReluLayer elu=EluLayer"
            " softmax=SoftmaxLayer prelu=PRelu",
        ),
        **_table("layers.convolution", _ranks("conv=Conv convolution=Conv")),
        **_table(
            "layers.convolution",
            "depthwise_conv1d=DepthwiseConv1D depthwise_conv2d=DepthwiseConv2D"
            " separable_conv1d=SeparableConv1D separable_convolution1d=SeparableConv1D"
            " separable_conv2d=SeparableConv2D separable_convolution2d=SeparableConv2D"
            " conv1d_transpose=Conv1DTranspose convolution1d_transpose=Conv1DTranspose"
            " conv2d_transpose=Conv2DTranspose convolution2d_transpose=Conv2DTranspose"
            " conv3d_transpose=Conv3DTranspose convolution3d_transpose=Conv3DTranspose",
        ),
        **_table("layers.pooling", _POOLING),
        **_table(
            "layers.normalization",
            "batch_normalization=BatchNormalization layer_normalization=LayerNormalization"
            " group_normalization=GroupNormalization rms_normalization=RMSNormalization"
            " unit_normalization=UnitNormalization",
        ),
        **_table(
            "layers.regularization",
            "dropout=Dropout gaussian_noise=GaussianNoise gaussian_dropout=GaussianDropout"
            " alpha_dropout=AlphaDropout activity_regularization=ActivityRegularization "
            + _ranks("spatial_dropout=SpatialDropout"),
        ),
        **_table(
            "layers.preprocessing",
            "rescaling=Rescaling normalization=Normalization category_encoding=CategoryEncoding"
            " discretization=Discretization integer_lookup=IntegerLookup",
        ),
        **_table("layers.einsum", "einsum_dense=EinsumDense"),
        **_table("layers.conv_lstm", _ranks("conv_lstm=ConvLSTM")),
        **_table(
            "layers.image", "resizing=Resizing center_crop=CenterCrop auto_contrast=AutoContrast"
        ),
        **_table(
            "layers.augmentation",
            "random_flip=RandomFlip random_rotation=RandomRotation"
            " random_translation=RandomTranslation random_zoom=RandomZoom"
            " random_shear=RandomShear random_contrast=RandomContrast"
            " random_brightness=RandomBrightness random_grayscale=RandomGrayscale"
            " random_color_degeneration=RandomColorDegeneration random_invert=RandomInvert"
            " solarization=Solarization random_posterization=RandomPosterization"
            " random_sharpness=RandomSharpness",
        ),
        **_table(
            "layers.wrapper",
            "time_distributed=TimeDistributed spectral_normalization=SpectralNormalization",
        ),
        **_table(
            "layers.recurrent",
            "simple_rnn=SimpleRNN lstm=LSTM gru=GRU rnn=RNN bidirectional=Bidirectional",
        ),
        **_table("layers.reshaping", _RESHAPING),
    },
    "cell": _table(
        "layers.recurrent",
        "simple_rnn_cell=SimpleRNNCell lstm_cell=LSTMCell gru_cell=GRUCell"
        " stacked_rnn_cells=StackedRNNCells",
    ),
    "activation": _table(
        "activations",
        "linear=Linear relu=Relu leaky_relu=LeakyRelu elu=Elu gelu=Gelu sigmoid=Sigmoid"
        " silu=Silu swish=Silu tanh=Tanh softplus=Softplus softmax=Softmax glu=Glu",
    )
    | _table(
        "rare_activations",
        "relu6=Relu6 celu=Celu selu=Selu hard_sigmoid=HardSigmoid log_sigmoid=LogSigmoid"
        " sparse_sigmoid=SparseSigmoid hard_silu=HardSilu hard_swish=HardSilu mish=Mish"
        " hard_tanh=HardTanh tanh_shrink=TanhShrink hard_shrink=HardShrink"
        " soft_shrink=SoftShrink threshold=Threshold sparse_plus=SparsePlus"
        " squareplus=Squareplus softsign=Softsign exponential=Exponential"
        " log_softmax=LogSoftmax sparsemax=Sparsemax",
    ),
    "initializer": _table(
        "initializers",
        "zeros=Zeros zero=Zeros ones=Ones one=Ones constant=Constant random_normal=RandomNormal"
        " normal=RandomNormal random_uniform=RandomUniform uniform=RandomUniform"
        " truncated_normal=TruncatedNormal orthogonal=Orthogonal"
        " orthogonal_initializer=Orthogonal identity=Identity identity_initializer=Identity"
        " glorot_uniform=GlorotUniform glorot_normal=GlorotNormal he_uniform=HeUniform"
        " he_normal=HeNormal lecun_uniform=LecunUniform lecun_normal=LecunNormal"
        " variance_scaling=VarianceScaling",
    ),
    "regularizer": _table(
        "regularizers",
        "l1=L1 l2=L2 l1_l2=L1L2 l1l2=L1L2 orthogonal_regularizer=OrthogonalRegularizer",
    ),
    "constraint": _table(
        "constraints",
        "max_norm=MaxNorm non_neg=NonNeg unit_norm=UnitNorm min_max_norm=MinMaxNorm",
    ),
    "optimizer": _table("optimizers", "sgd=SGD adam=Adam adamw=AdamW rmsprop=RMSprop")
    | _table(
        "rare_optimizers",
        "adagrad=Adagrad adadelta=Adadelta adamax=Adamax nadam=Nadam lion=Lion"
        " adafactor=Adafactor ftrl=Ftrl lamb=Lamb muon=Muon"
        " schedule_free_adamw=ScheduleFreeAdamW",
    ),
    "schedule": _table(
        "schedules",
        "exponential_decay=ExponentialDecay inverse_time_decay=InverseTimeDecay"
        " polynomial_decay=PolynomialDecay cosine_decay=CosineDecay"
        " cosine_decay_restarts=CosineDecayRestarts"
        " piecewise_constant_decay=PiecewiseConstantDecay",
    ),
    "loss": _table(
        "losses",
        "mean_squared_error=MeanSquaredError mse=MeanSquaredError"
        " mean_absolute_error=MeanAbsoluteError mae=MeanAbsoluteError huber=Huber"
        " binary_crossentropy=BinaryCrossentropy bce=BinaryCrossentropy"
        " categorical_crossentropy=CategoricalCrossentropy"
        " sparse_categorical_crossentropy=SparseCategoricalCrossentropy"
        " binary_focal_crossentropy=BinaryFocalCrossentropy"
        " categorical_focal_crossentropy=CategoricalFocalCrossentropy"
        " categorical_generalized_cross_entropy=CategoricalGeneralizedCrossEntropy",
    )
    | _table(
        "distances",
        "mean_absolute_percentage_error=MeanAbsolutePercentageError"
        " mape=MeanAbsolutePercentageError"
        " mean_squared_logarithmic_error=MeanSquaredLogarithmicError"
        " msle=MeanSquaredLogarithmicError log_cosh=LogCosh poisson=Poisson"
        " kl_divergence=KLDivergence kld=KLDivergence cosine_similarity=CosineSimilarity"
        " hinge=Hinge squared_hinge=SquaredHinge categorical_hinge=CategoricalHinge",
    )
    | _table("overall", "dice=Dice tversky=Tversky circle=Circle ctc=CTC"),
    "metric": _table(
        "metrics",
        "accuracy=Accuracy acc=Accuracy binary_accuracy=BinaryAccuracy"
        " categorical_accuracy=CategoricalAccuracy"
        " sparse_categorical_accuracy=SparseCategoricalAccuracy"
        " mean_squared_error=MeanSquaredError mse=MeanSquaredError"
        " mean_absolute_error=MeanAbsoluteError mae=MeanAbsoluteError"
        " binary_crossentropy=BinaryCrossentropy bce=BinaryCrossentropy"
        " categorical_crossentropy=CategoricalCrossentropy"
        " sparse_categorical_crossentropy=SparseCategoricalCrossentropy"
        " top_k_categorical_accuracy=TopKCategoricalAccuracy"
        " sparse_top_k_categorical_accuracy=SparseTopKCategoricalAccuracy",
    )
    | _table(
        "distance_metrics",
        "mean_absolute_percentage_error=MeanAbsolutePercentageError"
        " mape=MeanAbsolutePercentageError"
        " mean_squared_logarithmic_error=MeanSquaredLogarithmicError"
        " msle=MeanSquaredLogarithmicError log_cosh_error=LogCoshError poisson=Poisson"
        " kl_divergence=KLDivergence cosine_similarity=CosineSimilarity hinge=Hinge"
        " squared_hinge=SquaredHinge categorical_hinge=CategoricalHinge"
        " pearson_correlation=PearsonCorrelation"
        " concordance_correlation=ConcordanceCorrelation",
    )
    | _table(
        "statistics",
        "root_mean_squared_error=RootMeanSquaredError r2_score=R2Score auc=AUC precision=Precision"
        " recall=Recall true_positives=TruePositives false_positives=FalsePositives"
        " true_negatives=TrueNegatives false_negatives=FalseNegatives"
        " sensitivity_at_specificity=SensitivityAtSpecificity"
        " specificity_at_sensitivity=SpecificityAtSensitivity"
        " precision_at_recall=PrecisionAtRecall recall_at_precision=RecallAtPrecision"
        " f1_score=F1Score fbeta_score=FBetaScore f_beta_score=FBetaScore iou=IoU io_u=IoU"
        " mean_iou=MeanIoU mean_io_u=MeanIoU one_hot_iou=OneHotIoU one_hot_io_u=OneHotIoU"
        " one_hot_mean_iou=OneHotMeanIoU one_hot_mean_io_u=OneHotMeanIoU binary_iou=BinaryIoU"
        " binary_io_u=BinaryIoU",
    ),
    "callback": _table(
        "callbacks", "early_stopping=EarlyStopping model_checkpoint=ModelCheckpoint"
    ),
    "data": _table("data", "npz=Npz csv=Csv"),
}

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


def _refused(reason: str, text: str) -> dict[str, str]:
    return dict.fromkeys(text.split(), reason)


REFUSED: dict[str, dict[str, str]] = {
    "layer": {
        **_refused(_CELL, "gru_cell lstm_cell simple_rnn_cell stacked_rnn_cells"),
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
            "random_hue random_saturation random_color_jitter",
        ),
        **_refused(
            "no layer of PyTorch makes spectrograms; make them when the data is prepared",
            "mel_spectrogram stft_spectrogram",
        ),
        **_refused(
            "it picks among other layers for each batch; write those that you mean",
            "aug_mix rand_augment",
        ),
        "max_num_bounding_boxes": "it pads bounding boxes, and a layer of a spec sees images alone",
        "pipeline": "its layers can stand in the spec themselves",
        **_refused(
            _SEVERAL,
            """add additive_attention attention average concatenate dot group_query_attention
            hashed_crossing maximum minimum multi_head_attention multiply subtract""",
        ),
        **_refused(_LABELS, "cut_mix mix_up"),
        **_refused(_STRINGS, "string_lookup text_vectorization"),
        **_refused(_FOREIGN, "lambda jax_layer flax_layer tfsm_layer torch_module_wrapper"),
        **_refused(_INPUT, "input_layer input"),
    },
    "initializer": _refused(
        "it serves STFTSpectrogram alone, which specc does not translate", "stft stft_initializer"
    ),
    "optimizer": {
        "loss_scale_optimizer": "it scales losses for float16, and there is nothing to scale in"
        " float32; write the optimizer that it wraps",
        "multi_optimizer": "it wraps several optimizers, each for layers of its own, and a spec has"
        " one; write the one of most layers",
    },
    "loss": _refused(_BY_SHAPE, "ce crossentropy"),
    "metric": {
        **_refused(_REDUCES, "mean sum"),
        **_refused(
            "Keras has a function of that name, but neither a string nor a class for metrics",
            "binary_focal_crossentropy categorical_focal_crossentropy log_cosh huber",
        ),
        **_refused("Keras has no metric of that name", "ce crossentropy"),
    },
    "callback": _refused(
        _LATER,
        """backup_and_restore csv_logger history lambda_callback learning_rate_scheduler
        orbax_checkpoint progbar_logger reduce_lr_on_plateau remote_monitor swap_ema_weights
        tensor_board terminate_on_nan""",
    ),
}

FAMILIES = {
    "layer": "a layer",
    "cell": "a cell",
    "activation": "an activation",
    "initializer": "an initializer",
    "regularizer": "a regularizer",
    "constraint": "a constraint",
    "optimizer": "an optimizer",
    "schedule": "a schedule",
    "loss": "a loss",
    "metric": "a metric",
    "callback": "a callback",
    "data": "a data source (npz or csv)",
}


def load(family: str, word: str) -> type[Word] | None:
    """Return the class of a word, or None where the language has no such word."""
    path = CATALOGUE[family].get(word)
    if path is None:
        return None
    module, _, name = path.partition(":")
    found: type[Word] = getattr(import_module(module), name)
    return found
