"""Writes torch/*.safetensors: small networks of PyTorch, with an input and the logits of it.

Made with torch 2.13.0 and safetensors 0.8.0; what torch-order.test.ts reads.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn


class Normalised(nn.Module):
    """Image, Flatten, BatchNormalization, Dense."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 2)
        self.norm = nn.BatchNorm1d(3 * 3 * 4)
        self.fc = nn.Linear(3 * 3 * 4, 4)

    def forward(self, x):
        return self.fc(self.norm(torch.flatten(self.conv(x), 1)))


class Residual(nn.Module):
    """A residual block behind a flattened image; the second one follows a dense layer."""

    def __init__(self):
        super().__init__()
        self.before = nn.BatchNorm1d(40)
        self.a = nn.Linear(40, 6)
        self.b = nn.Linear(6, 40)
        self.norm = nn.BatchNorm1d(40)
        self.c = nn.Linear(40, 5)
        self.d = nn.Linear(5, 5)
        self.fc = nn.Linear(5, 4)

    def forward(self, x):
        x = self.before(torch.relu(torch.flatten(x, 1)))
        x = torch.relu(x + self.norm(self.b(torch.relu(self.a(x)))))
        x = self.c(x)
        return self.fc(x + self.d(torch.relu(x)))


class Inside(nn.Module):
    """Images that are flattened on both paths of a block, and a block inside a block."""

    def __init__(self):
        super().__init__()
        self.main = nn.Conv2d(2, 3, 3, padding=1)
        self.short = nn.Conv2d(2, 3, 1)
        self.inner = nn.Linear(60, 60)
        self.outer = nn.Linear(60, 60)
        self.norm = nn.BatchNorm1d(60)
        self.fc = nn.Linear(60, 4)

    def forward(self, x):
        x = torch.flatten(self.main(x), 1) + torch.flatten(self.short(x), 1)
        inside = x + torch.relu(self.inner(x))
        return self.fc(self.norm(x + self.outer(inside)))


def write(name, network):
    torch.manual_seed(3)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.4)
    for key, buffer in network.named_buffers():
        if key.endswith("running_mean"):
            nn.init.normal_(buffer)
        elif key.endswith("running_var"):
            nn.init.uniform_(buffer, 0.5, 2.0)
    network.eval()
    image = torch.randn(2, 2, 4, 5)
    with torch.no_grad():
        logits = network(image)
    tensors = dict(network.state_dict())
    # Channels last, as Keras takes it.
    tensors["input"] = image.permute(0, 2, 3, 1).contiguous()
    tensors["logits"] = logits
    save_file(tensors, Path(__file__).parent / "torch" / f"{name}.safetensors")


write("normalised", Normalised())
write("residual", Residual())
write("inside", Inside())
