"""The network of play-a-plan.py: dense layers, weights [inputs, outputs] and bias [outputs] each."""

import math
import torch
from mlp.stream import draw

sizes = [2, 16, 16, 16, 4]
learning_rate = 0.05


def create_layers(numbers):
    """First parameters, layer by layer."""
    return [
        [draw(numbers, inputs, outputs, bound=math.sqrt(6 / inputs)), torch.zeros(outputs)]
        for inputs, outputs in zip(sizes, sizes[1:])
    ]


def forward(first, parameters, x):
    """Output of consecutive layers; the rectifier is on all but the last one of the network."""
    for layer, (weight, bias) in enumerate(parameters, first):
        x = x @ weight + bias
        if layer < len(sizes) - 2:
            x = torch.relu(x)
    return x


def forward_with_graph(first, parameters, x):
    """The leaves of the graph, that is the input and the parameters one by one, and the output."""
    x = x.detach().requires_grad_()
    parameters = [[p.detach().requires_grad_() for p in layer] for layer in parameters]
    return [x, *(p for layer in parameters for p in layer)], forward(first, parameters, x)


def descend(parameters, gradients):
    """New parameters, a step of plain descent from the given ones."""
    steps = iter(gradients)
    return [[p - learning_rate * next(steps) for p in layer] for layer in parameters]
