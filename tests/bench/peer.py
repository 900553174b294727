#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The workloads of tests/bench in PyTorch: peer.py WORKLOAD [--repeat=N] [--threads=N] [--spare]  prints JSON.

Batches of 64 images of noise that stay the same; float32; steps as the published training loops take them.  --spare keeps the step of a generator
from also computing gradients of the discriminator's weights, which those loops do not."""

import argparse
import json
import resource
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

BATCH = 64


def dcgan_generator(width=64, latent=100):
    layers, channels = [], [latent, 8 * width, 4 * width, 2 * width, width, 3]
    for i in range(5):
        layers.append(nn.ConvTranspose2d(channels[i], channels[i + 1], 4, 2 if i else 1, 1 if i else 0, bias=False))
        layers += [nn.BatchNorm2d(channels[i + 1]), nn.ReLU(True)] if i < 4 else [nn.Tanh()]
    return nn.Sequential(*layers)


def dcgan_discriminator(width=64):
    layers, channels = [], [3, width, 2 * width, 4 * width, 8 * width, 1]
    for i in range(5):
        layers.append(nn.Conv2d(channels[i], channels[i + 1], 4, 2 if i < 4 else 1, 1 if i < 4 else 0, bias=False))
        if 0 < i < 4:
            layers.append(nn.BatchNorm2d(channels[i + 1]))
        if i < 4:
            layers.append(nn.LeakyReLU(0.2, True))
    return nn.Sequential(*layers)


def enlarge(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def interpolate(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class GeneratorBlock(nn.Module):
    def __init__(self, channels, up):
        super().__init__()
        self.up = up
        self.b1, self.b2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.c1, self.c2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.c_sc = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        branch = self.c1(self.up(F.relu(self.b1(x))))
        return self.c2(F.relu(self.b2(branch))) + self.c_sc(self.up(x))


class ResnetGenerator(nn.Module):
    def __init__(self, up, width=256, latent=128):
        super().__init__()
        self.l1 = nn.Linear(latent, 16 * width)
        self.blocks = nn.Sequential(*(GeneratorBlock(width, up) for _ in range(3)))
        self.b5, self.c5 = nn.BatchNorm2d(width), nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, z):
        x = self.blocks(self.l1(z).view(z.shape[0], -1, 4, 4))
        return torch.tanh(self.c5(F.relu(self.b5(x))))


class DiscriminatorBlock(nn.Module):
    def __init__(self, inputs, channels, norm, down, first):
        super().__init__()
        self.c1, self.c2 = norm(nn.Conv2d(inputs, channels, 3, padding=1)), norm(nn.Conv2d(channels, channels, 3, padding=1))
        self.c_sc = norm(nn.Conv2d(inputs, channels, 1)) if down else None
        self.down, self.first = down, first

    def forward(self, x):
        if self.first:
            return F.avg_pool2d(self.c2(F.relu(self.c1(x))), 2) + self.c_sc(F.avg_pool2d(x, 2))
        x = F.relu(x)
        branch = self.c2(F.relu(self.c1(x)))
        return F.avg_pool2d(branch, 2) + F.avg_pool2d(self.c_sc(x), 2) if self.down else branch + x


class ResnetDiscriminator(nn.Module):
    def __init__(self, width=128, spectral=True, mean=False):
        super().__init__()
        norm = spectral_norm if spectral else lambda layer: layer
        self.blocks = nn.Sequential(*(DiscriminatorBlock(3 if i == 0 else width, width, norm, i < 2, i == 0) for i in range(4)))
        self.l5, self.mean = norm(nn.Linear(width, 1)), mean

    def forward(self, x):
        x = F.relu(self.blocks(x))
        return self.l5(x.mean((2, 3)) if self.mean else x.sum((2, 3)))


class Dcgan:
    def __init__(self, spare):
        self.generator, self.discriminator, self.spare = dcgan_generator(), dcgan_discriminator(), spare
        self.optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (self.generator, self.discriminator)]
        self.real, self.z = torch.randn(BATCH, 3, 64, 64), torch.randn(BATCH, 100, 1, 1)

    def step(self):
        """A step of each player on one batch of samples, as the published example takes it."""
        g, d = self.generator, self.discriminator
        self.optimizers[1].zero_grad()
        F.softplus(-d(self.real)).mean().backward()
        fake = g(self.z)
        F.softplus(d(fake.detach())).mean().backward()
        self.optimizers[1].step()
        self.optimizers[0].zero_grad()
        d.requires_grad_(not self.spare)
        F.softplus(-d(fake)).mean().backward()
        d.requires_grad_(True)
        self.optimizers[0].step()

    def evaluate(self):
        with torch.no_grad():
            self.generator.eval()(self.z)


class Resnet:
    def __init__(self, spare, up=enlarge, penalty=False):
        self.generator, self.spare, self.penalty = ResnetGenerator(up), spare, penalty
        self.discriminator = ResnetDiscriminator(spectral=not penalty, mean=penalty)
        self.optimizers = [torch.optim.Adam(n.parameters(), 2e-4, (0, 0.9)) for n in (self.generator, self.discriminator)]
        self.real, self.z = torch.randn(BATCH, 3, 32, 32), torch.randn(BATCH, 128)

    def discriminator_loss(self, fake):
        d = self.discriminator
        if not self.penalty:
            return F.relu(1 - d(self.real)).mean() + F.relu(1 + d(fake)).mean()
        epsilon = torch.rand(BATCH, 1, 1, 1)
        between = (epsilon * self.real + (1 - epsilon) * fake).requires_grad_(True)
        slope, = torch.autograd.grad(d(between).sum(), between, create_graph=True)
        return d(fake).mean() - d(self.real).mean() + 10 * (slope.flatten(1).norm(dim=1) - 1).square().mean()

    def discriminator_step(self):
        self.optimizers[1].zero_grad()
        with torch.no_grad():
            fake = self.generator(self.z)
        self.discriminator_loss(fake).backward()
        self.optimizers[1].step()

    def generator_step(self):
        self.optimizers[0].zero_grad()
        self.discriminator.requires_grad_(not self.spare)
        (-self.discriminator(self.generator(self.z)).mean()).backward()
        self.discriminator.requires_grad_(True)
        self.optimizers[0].step()


WORKLOADS = {
    "dcgan-64": lambda spare: Dcgan(spare).step,
    "dcgan-64-sample": lambda spare: Dcgan(spare).evaluate,
    "sngan-discriminator": lambda spare: Resnet(spare).discriminator_step,
    "sngan-generator": lambda spare: Resnet(spare).generator_step,
    "sngan-bilinear-discriminator": lambda spare: Resnet(spare, interpolate).discriminator_step,
    "sngan-bilinear-generator": lambda spare: Resnet(spare, interpolate).generator_step,
    "wgan-gp-discriminator": lambda spare: Resnet(spare, penalty=True).discriminator_step,
    "wgan-gp-bilinear-discriminator": lambda spare: Resnet(spare, interpolate, penalty=True).discriminator_step,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--spare", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    run = WORKLOADS[options.workload](options.spare)
    run()
    seconds = []
    for _ in range(options.repeat):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"workload": options.workload, "seconds": seconds, "peak_memory": peak, "torch": torch.__version__}))


main()
