"""The names that PyTorch programs have for themselves."""

from __future__ import annotations

from specc.names import names

# What they import from torchmetrics or define for metrics.
METRICS = names(
    """AreaUnderPR AreaUnderPRAbove AreaUnderPRBelow AreaUnderPRGain AreaUnderPRGainAbove
    AreaUnderPRGainBelow AreaUnderROC AreaUnderROCAbove AreaUnderROCBelow BinaryF1Score
    BinaryFBetaScore BinaryJaccardIndex BinaryPrecision BinaryRecall FScore IoU MeanSquaredError
    Metric MicroFScore MulticlassJaccardIndex MultilabelF1Score MultilabelFBetaScore
    PrecisionAtRecall R2Score RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity
    SumMetric ThresholdMetric WeightedFScore WeightedR2Score"""
)

# What they import or define else.
TOP = METRICS | names(
    """Any AveragedModel BatchNorm1d BatchNorm2d BatchNorm3d ConvLSTM1d ConvLSTM2d ConvLSTM3d
    DataLoader EinsumDense F FtrlOptimizer GaussianDropout GaussianNoise KerasAdafactor KerasAdamax
    KerasGRU KerasLSTM KerasRMSprop KerasRNN KerasSGD LambOptimizer LionOptimizer MaskedBatchNorm
    MuonOptimizer PReLU RandomAffine Rescaling ResetBeforeGRU ScheduleFreeAdamW
    SpectralNormalization TensorDataset build_metrics build_optimizer build_scheduler compact
    constrain copy each_step evaluate get_ema_multi_avg_fn l2_penalty largest loss_fn math
    max_norm_ mean_cosine min_max_norm_ nn orthogonal pack penalty random rms scale_epsilon
    sparsemax spread to_dataset torch tqdm train_one_epoch truncated_normal_ unit_norm_ unpack
    update_metrics use_average weighted_loss_fn"""
)

# What a model has from nn.Module or from specc; a test compares it with torch.
ATTRIBUTES = names(
    """T_destination activity_penalty add_module apply bfloat16 buffers call_super_init children
    compile cpu cuda double dump_patches eval extra_repr float forward get_buffer get_extra_state
    get_parameter get_submodule half ipu load_state_dict mask modules mtia named_buffers
    named_children named_modules named_parameters parameters probabilities register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ reset_parameters
    set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu
    zero_grad x"""
)
LAYERS = {name: f"a PyTorch module has an attribute {name!r} of its own" for name in ATTRIBUTES}
