"""PyTorch's side, a child process: reads requests {model, batch, repetitions}, one JSON line each,
and answers {times (ms), parameters}. A repetition is one training step in float32 on one thread:
forward, mean cross entropy, backward, SGD. The models are those of models.mjs."""

import json
import math
import signal
import sys
import time

# Ctrl-C reaches the whole group of processes; the parent decides when this one ends.
signal.signal(signal.SIGINT, signal.SIG_IGN)

import torch
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)

CLASSES = {"mlp": 7}
SHAPES = {"mlp": (54,), "mnistnet": (1, 28, 28)}
LEARNING_RATE = 1e-3


def relu():
    return nn.ReLU(inplace=True)


def convolution(inputs, outputs, stride=1, kernel=3, groups=1):
    """A convolution without a bias that keeps height and width at stride 1, and its norm."""
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.1),
    ]


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.main = nn.Sequential(
            *convolution(inputs, outputs, stride), relu(), *convolution(outputs, outputs)
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = (
            nn.Identity() if same else nn.Sequential(*convolution(inputs, outputs, stride, kernel=1))
        )
        self.relu = relu()

    def forward(self, x):
        y = self.main(x)
        y += self.shortcut(x)
        return self.relu(y)


def top(inputs):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10)]


def mlp():
    return nn.Sequential(
        nn.Linear(54, 256), relu(), nn.Linear(256, 256), relu(), nn.Linear(256, 7)
    )


def mnistnet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), relu(), nn.Conv2d(32, 64, 3), relu(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 12 * 12, 128), relu(), nn.Linear(128, 10),
    )


def convnet():
    layers = []
    for inputs in (3, 128, 128):
        layers += [
            nn.Conv2d(inputs, 128, 3, padding=1, bias=False),
            nn.InstanceNorm2d(128, eps=1e-5, affine=True), relu(), nn.AvgPool2d(2),
        ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 4 * 4, 10))


def resnet18():
    layers, inputs = [*convolution(3, 64), relu()], 64
    for outputs in (64, 64, 128, 128, 256, 256, 512, 512):
        layers.append(Residual(inputs, outputs, 1 if inputs == outputs else 2))
        inputs = outputs
    return nn.Sequential(*layers, *top(512))


def mobilenet():
    layers, inputs = [*convolution(3, 32), relu()], 32
    channels = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    for outputs, stride in zip(channels, strides):
        layers += [*convolution(inputs, inputs, stride, groups=inputs), relu()]
        layers += [*convolution(inputs, outputs, kernel=1), relu()]
        inputs = outputs
    return nn.Sequential(*layers, *top(1024))


MODELS = {
    "mlp": mlp, "mnistnet": mnistnet, "convnet": convnet, "resnet18": resnet18,
    "mobilenet": mobilenet,
}


def prepare(name, batch):
    """Returns the work of one repetition and the number of parameters, moving statistics included."""
    torch.manual_seed(0)
    model = MODELS[name]().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    data = torch.randn(batch, *SHAPES.get(name, (3, 32, 32)))
    labels = torch.arange(batch) % CLASSES.get(name, 10)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(data), labels)
        loss.backward()
        optimizer.step()
        return loss

    statistics = [tensor for tensor in model.buffers() if tensor.is_floating_point()]
    return step, sum(tensor.numel() for tensor in [*model.parameters(), *statistics])


def measure(step, repetitions):
    """Milliseconds of each repetition, after a few that warm the caches again."""
    for _ in range(math.ceil(repetitions / 10)):
        step()
    times, loss = [], None
    for _ in range(repetitions):
        began = time.perf_counter()
        loss = step()
        times.append(1000 * (time.perf_counter() - began))
    if not math.isfinite(loss.item()):
        raise ArithmeticError("The loss is not finite any more")
    return times


def reply(message):
    print(json.dumps(message), flush=True)


def main():
    reply({"ready": "PyTorch " + torch.__version__})
    prepared = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = request["model"], request["batch"]
        if key not in prepared:
            prepared[key] = prepare(*key)
        step, parameters = prepared[key]
        reply({"times": measure(step, request["repetitions"]), "parameters": parameters})


if __name__ == "__main__":
    main()
