"""Pythae's autoencoders on its default net 784-512-16-512-784, and its VQ-VAE on a grid of vectors."""

import importlib.metadata
import logging
import math
import tempfile
import warnings

import torch
from pythae import models, trainers
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from torch import nn

import digits


class GridEncoder(BaseEncoder):
    """Convolutions of stride 2 to a grid of 7 by 7 vectors of 16."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(), nn.Conv2d(64, 16, 1)
        )  # fmt: skip

    def forward(self, x):
        return ModelOutput(embedding=self.net(x))


class GridDecoder(BaseDecoder):
    """The same layers backwards."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(16, 64, 1), nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 3, 2, 1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 3, 2, 1, output_padding=1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, z):
        return ModelOutput(reconstruction=self.net(z))


NET = {"input_dim": (1, 28, 28), "latent_dim": 16}
VQ = {**NET, "num_embeddings": 256, "use_ema": True, "decay": 0.99, "commitment_loss_factor": 0.25}


def rae():
    config = models.RAE_L2_Config(**NET, embedding_weight=1e-2, reg_weight=1e-4)
    trainer = trainers.CoupledOptimizerTrainer, trainers.CoupledOptimizerTrainerConfig
    return models.RAE_L2(config), *trainer


def aae():
    config = models.Adversarial_AE_Config(**NET, adversarial_loss_scale=0.9)
    trainer = trainers.AdversarialTrainer, trainers.AdversarialTrainerConfig
    return models.Adversarial_AE(config), *trainer


def base(model):
    return model, trainers.BaseTrainer, trainers.BaseTrainerConfig


# Model with its trainer, epochs, and the rates: one for each optimiser, or the trainer's own if there are none.
RECIPES = {
    "ae-gmm": (lambda: base(models.AE(models.AEConfig(**NET))), 5, {"learning_rate": 1e-3}),
    "wae-mmd": (
        lambda: base(models.WAE_MMD(models.WAE_MMD_Config(**NET, kernel_choice="imq", reg_weight=10, kernel_bandwidth=2))),
        5,
        {"learning_rate": 1e-3},
    ),
    "rae-l2": (rae, 5, {}),
    "aae": (aae, 5, {}),
    "vqvae-scalars": (lambda: base(models.VQVAE(models.VQVAEConfig(**VQ))), 5, {"learning_rate": 1e-3}),
    "vqvae": (
        lambda: base(models.VQVAE(models.VQVAEConfig(**VQ), encoder=GridEncoder(), decoder=GridDecoder())),
        20,
        {"learning_rate": 1e-3},
    ),
}


def run(job):
    logging.disable(logging.WARNING)  # Pythae reports each step of its own
    warnings.filterwarnings("ignore", module="pythae")
    build, epochs, rates = RECIPES[job.name]
    limit = 1000 if job.quick else None
    epochs = 1 if job.quick else epochs
    x = torch.from_numpy(digits.images(job.data, "train", limit))
    test = torch.from_numpy(digits.images(job.data, "t10k", limit))
    torch.manual_seed(job.seed)
    model, trainer, config = build()
    with tempfile.TemporaryDirectory() as folder:
        settings = config(
            output_dir=folder, num_epochs=epochs, per_device_train_batch_size=100, seed=job.seed, no_cuda=True, **rates
        )
        trainer(model=model, train_dataset=dataset(x), eval_dataset=None, training_config=settings).train()
    model.eval()
    used = torch.zeros(256)
    error = 0.0
    with torch.no_grad():
        for part in test.split(500):
            if isinstance(model, models.VQVAE):
                out = model({"data": part})
                recon = out.recon_x
                used += torch.bincount(out.quantized_indices.flatten(), minlength=256)
            else:  # without noise: the mean of the posterior, where there is one
                recon = model.decoder(model.encoder(part).embedding).reconstruction
            error += ((recon.reshape(part.shape) - part) ** 2).sum().item()
    values = {"test MSE a pixel": error / test.numel()}
    if used.sum() > 0:
        share = used / used.sum()
        entropy = -(share * share.clamp_min(1e-12).log()).sum().item()
        values["perplexity over the test set"] = math.exp(entropy)
        values["entries that no test image uses"] = (used == 0).sum().item()
    return f"Pythae {importlib.metadata.version('pythae')}", epochs, values


def dataset(x):
    """Images as Pythae's trainers take them."""
    from pythae.data.datasets import BaseDataset

    return BaseDataset(x, torch.zeros(len(x)))
