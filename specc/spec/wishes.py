"""What many look for and this version does not have: why, and what works today.

The one table of such names. It shrinks as the language grows: a test fails where it names what the
language has. Names are looked up without underscores, in lower case.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """Names that people look for.

    Attributes:
        places: Where they write it: `spec`, `training`, `input`, or a family, as one of its words
            or as a field of one.
        names: As they write it, one after another.
        fact: What this version has, or why it never will.
        way: What works today.
    """

    places: str
    names: str
    fact: str
    way: str


_CHAIN = "in this version each layer takes what the one before gives"
_OWN = "put that part into a class of your own and name it with 'custom'"
_PROGRAM = "change the program that is built; `specc build` does not overwrite what you edited"
_ANCHOR = "write the layers out, or build several specs with `specc build --set`"

WISHES = (
    # The graph of a model
    Wish(
        "spec layer",
        "residual residual_block skip skip_connection shortcut resblock res_block bottleneck",
        _CHAIN,
        _OWN,
    ),
    Wish(
        "layer",
        "add subtract multiply concatenate concat average maximum minimum dot hashed_crossing",
        _CHAIN,
        _OWN,
    ),
    Wish("spec layer", "branch branches parallel paths inception split merge", _CHAIN, _OWN),
    Wish("layer", "inputs input_from from inbound_nodes connect_to previous outputs", _CHAIN, _OWN),
    Wish(
        "spec",
        "inputs",
        "this version has models of one input",
        "join the arrays into one, or write 'input' for a single one",
    ),
    Wish(
        "spec",
        "outputs heads loss_weights",
        "this version has models of one output, that of the last layer",
        "build a spec for each output",
    ),
    Wish(
        "layer spec",
        "attention additive_attention multi_head_attention group_query_attention "
        "self_attention cross_attention transformer transformer_block "
        "transformer_encoder transformer_encoder_layer transformer_decoder encoder_layer "
        "positional_encoding positional_embedding position_embedding vit vision_transformer bert "
        "gpt llama",
        "this version has no attention, as its layers take one tensor",
        _OWN,
    ),
    Wish(
        "layer activation",
        "swi_glu ge_glu moe mixture_of_experts capsule graph_conv gcn gat vector_quantizer "
        "flow mamba ssm",
        "Keras has no such layer or activation",
        _OWN,
    ),
    Wish(
        "layer activation initializer regularizer loss metric callback",
        "python lambda_layer expression eval function code",
        "a spec holds no code",
        "name a layer of your own with 'custom', or change the program that is built",
    ),
    Wish(
        "layer spec",
        "tied_to tied tie_word_embeddings share shared shared_with shared_weights "
        "weight_tying siamese apply",
        "in this version each layer has weights of its own",
        "'reversible_embedding' ties an embedding to the output; for others, " + _OWN,
    ),
    # Repetition
    Wish(
        "layer spec",
        "repeat repeats n_times times loop for foreach stack depth blocks block stages num_layers",
        "this version has no blocks or repeats",
        "write each layer out; a YAML anchor saves typing: `- &block {dense: 64}`, then `- *block`",
    ),
    Wish(
        "spec",
        "parameters params hparams hyperparameters variables vars constants defaults variants "
        "config configs sweep grid search tune tuner",
        "this version has no parameters",
        _ANCHOR,
    ),
    Wish("spec", "include import extends base _base_ inherit", "a spec is one file", _ANCHOR),
    Wish("layer", "when if unless enabled only_if", "this version has no conditions", _ANCHOR),
    # Weights that are there before
    Wish(
        "spec layer training",
        "pretrained pretrained_weights weights load_weights load_from backbone base_model "
        "initial_weights init_from transfer fine_tune finetune imagenet",
        "a spec holds no trained weights, and this version loads none",
        "load them into the program that is built: `model.load_state_dict(...)`, "
        "`model.load_weights(...)`; `specc convert` carries them from one to the other",
    ),
    Wish(
        "layer",
        "resnet resnet18 resnet34 resnet50 resnet101 vgg vgg16 vgg19 mobilenet mobilenet_v2 "
        "efficientnet efficientnet_b0 densenet densenet121 inception_v3 xception unet yolo "
        "convnext alexnet lenet",
        "a whole model is no layer, and this version has no blocks",
        "write its layers out, as `specc init --list` has them of some models, or " + _OWN,
    ),
    Wish(
        "spec layer",
        "freeze frozen freeze_layers unfreeze phases",
        "this version trains in one phase",
        "write trainable: false in the layers that are not to be trained",
    ),
    Wish(
        "spec layer optimizer",
        "lora peft adapter adapters lora_r lora_rank lora_alpha quantization_config "
        "quantize quantization quantized prune pruning distill "
        "distillation teacher student knowledge_distillation",
        "this version trains the weights of the model that the spec describes and no others",
        _PROGRAM,
    ),
    # How it is trained
    Wish(
        "spec training",
        "resume resume_from resume_from_checkpoint ckpt_path checkpoint initial_epoch restart",
        "a program of this version trains from the start",
        "save by 'model_checkpoint', and load what it has saved in the program that is built",
    ),
    Wish(
        "spec training",
        "strategy distribute distributed distribution data_parallel ddp fsdp deepspeed horovod "
        "multi_gpu gpus num_gpus devices num_nodes nodes world_size tpu tpus",
        "a program of this version trains in one process on one device",
        "wrap the model that it builds: `nn.parallel.DistributedDataParallel(...)`, "
        "`keras.distribution.set_distribution(...)`",
    ),
    Wish(
        "spec training",
        "device gpu cuda cpu mps accelerator",
        "a spec does not say where it is trained",
        "leave it out; both programs take a GPU where there is one",
    ),
    Wish(
        "spec training layer optimizer",
        "mixed_precision precision amp fp16 bf16 half float16 bfloat16 autocast dtype_policy "
        "loss_scale grad_scaler",
        "both programs of this version compute in float32",
        "change the program that is built: `torch.autocast`, "
        "`keras.config.set_dtype_policy('mixed_float16')`",
    ),
    Wish(
        "spec training",
        "compile jit jit_compile torch_compile xla run_eagerly steps_per_execution",
        "a spec says what a model is, not how it is compiled",
        "call `torch.compile` or `model.compile(jit_compile=True)` in the program that is built",
    ),
    Wish(
        "spec training optimizer callback",
        "scheduler schedule lr_scheduler lr_schedule learning_rate_schedule scheduler_step "
        "learning_rate_scheduler",
        "a schedule is the learning rate of the optimizer",
        "write optimizer: {adam: {learning_rate: {cosine_decay: {initial_learning_rate: ..., "
        "decay_steps: ...}}}}",
    ),
    Wish(
        "schedule callback spec training",
        "one_cycle one_cycle_lr cyclic cyclic_lr cyclical noam swa swa_lr lr_finder "
        "reduce_on_plateau reduce_lr",
        "this version has the schedules of Keras, of which each step is known beforehand",
        "write 'cosine_decay' with warmup_target and warmup_steps in the optimizer",
    ),
    Wish(
        "callback training spec",
        "reduce_lr_on_plateau lr_reduce plateau",
        "this version has no learning rate that depends on a figure",
        "write a schedule, such as 'cosine_decay', as learning_rate of the optimizer",
    ),
    Wish(
        "callback training spec",
        "tensor_board csv_logger logger loggers log_dir logging wandb weights_and_biases mlflow "
        "comet neptune clearml log_every_n_steps progbar_logger progress_bar tqdm "
        "remote_monitor history",
        "the programs of this version print a line for each epoch and log nothing else",
        "add the logger to the program that is built, or keep what it prints",
    ),
    Wish(
        "callback training spec",
        "backup_and_restore terminate_on_nan swap_ema_weights "
        "lambda_callback orbax_checkpoint gradient_accumulation_scheduler "
        "stochastic_weight_averaging model_summary",
        "this version has the callbacks 'early_stopping' and 'model_checkpoint'",
        "gradient accumulation and moving averages are arguments of the optimizer; for others, "
        + _PROGRAM,
    ),
    Wish(
        "optimizer",
        "exclude_from_weight_decay no_decay no_weight_decay bias_decay param_groups "
        "parameter_groups layer_decay layerwise_lr lr_mult",
        "weight_decay of this version is that of all weights alike",
        "write 'adam' without weight_decay, and give the layers a kernel_regularizer: {l2: ...}, "
        "which spares biases, though it is not decoupled",
    ),
    Wish(
        "optimizer",
        "radam adabelief lars lookahead sam lbfgs sophia shampoo apollo madgrad rprop asgd "
        "adan prodigy novograd sparse_adam ranger qhadam",
        "Keras has no such optimizer",
        "take one that it has, such as 'adam', 'adamw' or 'lion'",
    ),
    Wish(
        "loss layer spec training",
        "contrastive contrastive_loss triplet triplet_loss triplet_margin triplet_margin_loss "
        "triplet_semihard simclr info_nce nt_xent clip clip_loss margin_ranking_loss arcface "
        "cosface center_loss proxy_nca",
        "a loss of this version compares one output with one target",
        "'circle' learns a metric from labels; for others, " + _PROGRAM,
    ),
    Wish(
        "spec training loss",
        "gan generator discriminator adversarial vae autoencoder diffusion reinforcement "
        "self_supervised",
        "this version trains one model on samples and their targets",
        "build a spec for each model, and write the training around the built programs; an "
        "autoencoder trains on x_train as y_train",
    ),
    Wish(
        "metric",
        "map mean_average_precision map50 bleu rouge perplexity wer cer matthews_correlation mcc "
        "cohen_kappa kappa balanced_accuracy confusion_matrix roc_curve psnr ssim fid",
        "Keras has no such metric",
        "compute it from the predictions of the program that is built",
    ),
    Wish(
        "training spec",
        "verbose verbosity log_level quiet",
        "the programs of this version print a line for each epoch",
        "leave it out",
    ),
    # Data
    Wish(
        "data spec",
        "image_folder imagefolder images image_dataset image_dataset_from_directory directory "
        "folder dir root flow_from_directory image_data_generator image_data",
        "this version reads arrays from 'npz' and tables from 'csv'",
        "save the images once: numpy.savez('images.npz', x_train=..., y_train=...), then "
        "data: {npz: images.npz}",
    ),
    Wish(
        "data spec",
        "tfrecord tf_records parquet hdf5 h5 feather arrow sqlite sql json jsonl excel xlsx "
        "pickle pkl npy npys zarr text txt huggingface hf torchvision tfds tensorflow_datasets "
        "keras_datasets webdataset url s3 http",
        "this version reads arrays from 'npz' and tables from 'csv'",
        "save what you have once: numpy.savez('data.npz', x_train=..., y_train=...), then "
        "data: {npz: data.npz}",
    ),
    Wish(
        "data",
        "mnist fashion_mnist cifar cifar10 cifar100 imdb reuters california_housing "
        "boston_housing imagenet coco iris",
        "a spec names files, not data sets",
        "save it once: numpy.savez('data.npz', x_train=..., y_train=..., x_test=..., y_test=...), "
        "then data: {npz: data.npz}",
    ),
    Wish(
        "training spec data",
        "validation_data val_data validation validation_path val val_path eval_data",
        "this version validates on the last part of the training data",
        "write validation_split: 0.1 in training",
    ),
    Wish(
        "training spec data",
        "sample_weight sample_weights weight_column steps_per_epoch validation_steps "
        "validation_freq max_steps num_workers pin_memory drop_last prefetch cache",
        "this version goes through all samples of an epoch, each of which counts alike",
        "leave it out; class_weight in training weighs classes",
    ),
    Wish(
        "data spec input training",
        "augment augmentation augmentations transform transforms preprocessing preprocess "
        "normalize normalise standardize",
        "in this version the model itself prepares its input",
        "put layers first: 'rescaling', 'normalization', 'random_flip', 'random_rotation'",
    ),
    Wish(
        "spec training",
        "export onnx tflite save save_path save_to output_dir serve tensorrt",
        "a spec says what a model is, not where it is saved",
        "run the program with --save PATH",
    ),
    Wish(
        "input",
        "batch_size batch_shape batch batch_input_shape",
        "a spec leaves the batch axis out",
        "write batch_size in training",
    ),
    Wish(
        "spec",
        "backend framework target targets",
        "a spec is the same for each target",
        "leave it out, and run `specc build --target keras` or `--target torch`",
    ),
    Wish(
        "spec",
        "version specc_version schema spec_version",
        "a spec has no version",
        "leave it out",
    ),
    Wish(
        "spec",
        "imports custom_objects modules plugins register",
        "a spec holds no code",
        "name a layer of your own with 'custom', by its import path",
    ),
    Wish(
        "spec layer",
        "tags notes note comment metadata meta author license doc docs help",
        "a spec holds what its programs need",
        "write a comment behind '#', or description at the top",
    ),
)


def wish(place: str, name: str) -> Wish | None:
    """Return what there is to say of a name that the language lacks at a place, or None."""
    plain = name.replace("_", "").replace("-", "").lower()
    here = (entry for entry in WISHES if place in entry.places.split())
    return next((e for e in here if plain in e.names.replace("_", "").split()), None)
