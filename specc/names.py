"""Names that programs have for themselves, so that a spec can give them to nothing else."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names that a generated class has from nn.Module or from specc; a test compares them with torch.
MODULE_NAMES = _words("""T_destination
    activity_penalty add_module apply bfloat16 buffers call_super_init children compile cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict mask modules mtia named_buffers named_children
    named_modules named_parameters parameters probabilities register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ reset_parameters
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad x""")

# What a program imports from torchmetrics or defines for metrics.
METRIC_NAMES = _words(
    """AreaUnderPR AreaUnderPRAbove AreaUnderPRBelow AreaUnderPRGain AreaUnderPRGainAbove
    AreaUnderPRGainBelow AreaUnderROC AreaUnderROCAbove AreaUnderROCBelow BinaryF1Score
    BinaryFBetaScore BinaryJaccardIndex BinaryPrecision BinaryRecall FScore IoU MeanSquaredError
    Metric MicroFScore MulticlassJaccardIndex MultilabelF1Score MultilabelFBetaScore
    PrecisionAtRecall R2Score RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity
    SumMetric ThresholdMetric WeightedFScore WeightedR2Score"""
)

# What a program imports or defines for itself and a name in CamelCase could be.
PROGRAM_NAMES = METRIC_NAMES | _words(
    """ALPHA Any AveragedModel BASELINE BOUNDARIES BatchNorm1d BatchNorm2d BatchNorm3d CHECKPOINT
    CLIPNORM CLIPVALUE Callable ConvLSTM1d ConvLSTM2d ConvLSTM3d DATA DELIMITER DataLoader EPOCHS
    EXPECTED EinsumDense EpochLine F FIGURES FtrlOptimizer GaussianDropout GaussianNoise
    KerasAdafactor KerasAdamax KerasGRU KerasLSTM KerasRMSprop KerasRNN KerasSGD LambOptimizer
    LionOptimizer MaskedBatchNorm MuonOptimizer ORTHOGONAL PATIENCE POWER PReLU Path RANGES
    RandomAffine Rescaling ResetBeforeGRU SEED SHAPES ScheduleFreeAdamW SpectralNormalization
    TARGETS TensorDataset VALUES WholeCheckpoint WholeCheckpoint2 WholeCheckpoint3"""
)
