"""Trains the top-k sparse autoencoder of sae-lens on features in superposition.

The data is that of data.Superposition: 256 unit directions in 64 dimensions, each active with
probability 8/256 and magnitude |N(0,1)|. It prints the measures of the presets sae-*.

    pip install sae-lens
    OMP_NUM_THREADS=1 python sae.py STEPS SEED
"""

import json
import sys

import torch
from sae_lens import LoggingConfig, TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.config import SAETrainerConfig
from sae_lens.synthetic import mean_correlation_coefficient
from sae_lens.training.sae_trainer import SAETrainer

FEATURES, DIMS, ACTIVE, BATCH = 256, 64, 8, 1024

steps, seed = int(sys.argv[1]), int(sys.argv[2])
torch.manual_seed(seed)
directions = torch.nn.functional.normalize(torch.randn(FEATURES, DIMS), dim=1)


def samples(n):
    active = torch.rand(n, FEATURES) < ACTIVE / FEATURES
    return (active * torch.randn(n, FEATURES).abs()) @ directions


def batches():
    while True:
        yield samples(BATCH)


sae = TopKTrainingSAE(TopKTrainingSAEConfig(d_in=DIMS, d_sae=FEATURES, k=ACTIVE))
settings = SAETrainerConfig(
    n_checkpoints=0,
    checkpoint_path=None,
    save_final_checkpoint=False,
    total_training_samples=steps * BATCH,
    device="cpu",
    autocast=False,
    lr=1e-3,
    lr_end=1e-3,
    lr_scheduler_name="constant",
    lr_warm_up_steps=0,
    adam_beta1=0.9,
    adam_beta2=0.999,
    lr_decay_steps=0,
    n_restart_cycles=1,
    train_batch_size_samples=BATCH,
    dead_feature_window=1000,
    feature_sampling_window=2000,
    logger=LoggingConfig(log_to_wandb=False, eval_every_n_wandb_logs=2**31 - 1),
    n_batches_for_norm_estimate=1000,
)
SAETrainer(cfg=settings, sae=sae, data_provider=batches(), save_checkpoint_fn=lambda _: None).fit()

sae.eval()
with torch.no_grad():
    x = samples(100_000)
    code = sae.encode(x)
    recon = sae.decode(code)
    length = x.norm(dim=1)
    print(
        json.dumps(
            {
                "mcc": mean_correlation_coefficient(sae.W_dec, directions),
                "fvu": (((x - recon) ** 2).sum() / ((x - x.mean(0)) ** 2).sum()).item(),
                "l0": (code != 0).float().sum(1).mean().item(),
                "dead": ((code != 0).sum(0) == 0).float().mean().item(),
                "shrinkage": (recon.norm(dim=1) / length)[length > 1e-6].mean().item(),
            }
        )
    )
