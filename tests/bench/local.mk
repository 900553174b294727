# SPDX-License-Identifier: LGPL-2.1-or-later
# Not run by any target: it takes minutes, wants a quiet machine, and PyTorch.
EXTRA_DIST += tests/bench/compare tests/bench/peer.py tests/bench/dcgan-64.ini tests/bench/sngan-resnet-32.ini tests/bench/wgan-gp-resnet-32.ini
