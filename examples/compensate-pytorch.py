"""Late gradients in PyTorch: a small network learns a stream by gradients that come eight updates
late, as they do in asynchronous training; a compensator, in a process of Node.js beside this one,
repairs each just before its step. Arrays of float32 go to and fro over pipes."""

import array
import json
import pathlib
import subprocess

import torch

STEPS, SAMPLES, LEARNING_RATE, SEED = 400, 8, 0.3, 1
torch.set_num_threads(1)


def item(k):
    """Item k of the stream: points of a square, and the quarter about the middle that each lies in."""
    index = torch.arange(1, SAMPLES + 1, dtype=torch.float64) + k * SAMPLES
    points = 2 * torch.stack([index, index * index], 1).mul(0.6180339887).frac() - 1
    return points.float(), (points[:, 0] > 0).long() + 2 * (points[:, 1] > 0).long()


def network():
    torch.manual_seed(SEED)
    return torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))


def flatten(tensors):
    """Weights (PyTorch has one row an output, the compensator one column) and biases in turn."""
    return torch.cat([(each.T if each.dim() > 1 else each).reshape(-1) for each in tensors])


def unflatten(vector, parameters):
    parts = vector.split([each.numel() for each in parameters])
    return [
        part.view(*reversed(each.shape)).T if each.dim() > 1 else part
        for part, each in zip(parts, parameters)
    ]


class Compensator:
    def __init__(self, name, model):
        layers = [each for each in model if isinstance(each, torch.nn.Linear)]
        sizes = [{"inputs": each.in_features, "outputs": each.out_features} for each in layers]
        script = pathlib.Path(__file__).with_name("compensate-pytorch.mjs")
        command = ["node", script, name, str(LEARNING_RATE), json.dumps(sizes)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe)

    def repair(self, gradient, origin, newest, staleness):
        late = torch.cat([torch.tensor([float(staleness)]), gradient, origin, newest])
        self.process.stdin.write(array.array("f", late.tolist()).tobytes())
        self.process.stdin.flush()
        repaired = self.process.stdout.read(4 * gradient.numel())
        return torch.tensor(array.array("f", repaired))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def train(name, delay):
    """Online accuracy: each item is predicted with the newest weights before it is learned."""
    model = network()
    parameters = list(model.parameters())
    compensator = Compensator(name, model)
    versions = [flatten(parameters).detach()]  # oldest first
    right = 0

    def load(version):
        with torch.no_grad():
            for parameter, value in zip(parameters, unflatten(version, parameters)):
                parameter.copy_(value)

    for k in range(STEPS):
        x, labels = item(k)
        load(versions[-1])
        right += (model(x).argmax(1) == labels).sum().item()
        if k < delay:
            continue
        load(versions[0])
        x, labels = item(k - delay)
        loss = torch.nn.functional.cross_entropy(model(x), labels)
        gradient = flatten(torch.autograd.grad(loss, parameters))
        repaired = compensator.repair(gradient, versions[0], versions[-1], len(versions) - 1)
        versions.append(versions[-1] - LEARNING_RATE * repaired)
        versions = versions[-1 - delay :]
    compensator.close()
    return f"{100 * right / (STEPS * SAMPLES):.1f} % right"


print("fresh gradients:", train("none", 0))
print("eight late, as they come:", train("none", 8))
print("eight late, repaired by secant:", train("secant", 8))
