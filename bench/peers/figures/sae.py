"""The top-k sparse autoencoder of sae-lens on features in superposition.

The data is that of data.Superposition: 256 unit directions in 64 dimensions, each active with
probability 8/256 and magnitude |N(0,1)|. The measures are those of the preset sae-topk.
"""

import importlib.metadata

import torch
from sae_lens import LoggingConfig, TopKTrainingSAE, TopKTrainingSAEConfig
from sae_lens.config import SAETrainerConfig
from sae_lens.synthetic import mean_correlation_coefficient
from sae_lens.training.sae_trainer import SAETrainer

FEATURES, DIMS, ACTIVE, BATCH = 256, 64, 8, 1024
STEPS = 15_000  # the preset's 15 epochs of 1,000 steps


def samples(directions, n):
    active = torch.rand(n, FEATURES) < ACTIVE / FEATURES
    return (active * torch.randn(n, FEATURES).abs()) @ directions


def batches(directions):
    while True:
        yield samples(directions, BATCH)


def settings(steps):
    """Adam with a constant rate of 1e-3, without logging and checkpoints."""
    return SAETrainerConfig(
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


def run(job):
    torch.manual_seed(job.seed)
    steps = 20 if job.quick else STEPS
    directions = torch.nn.functional.normalize(torch.randn(FEATURES, DIMS), dim=1)
    sae = TopKTrainingSAE(TopKTrainingSAEConfig(d_in=DIMS, d_sae=FEATURES, k=ACTIVE))
    trainer = SAETrainer(cfg=settings(steps), sae=sae, data_provider=batches(directions), save_checkpoint_fn=lambda _: None)
    trainer.fit()
    sae.eval()
    with torch.no_grad():
        x = samples(directions, 2000 if job.quick else 100_000)
        code = sae.encode(x)
        recon = sae.decode(code)
        values = {
            "MCC with the true directions": mean_correlation_coefficient(sae.W_dec, directions),
            "test FVU": (((x - recon) ** 2).sum() / ((x - x.mean(0)) ** 2).sum()).item(),
            "test L0": (code != 0).float().sum(1).mean().item(),
            "dead units, %": 100 * ((code != 0).sum(0) == 0).float().mean().item(),
        }
    return f"sae-lens {importlib.metadata.version('sae-lens')}", steps // 1000, values
