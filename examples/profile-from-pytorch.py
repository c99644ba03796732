"""Profiles a PyTorch model, calls Ferret's planner, and reads the plan back.

Needs PyTorch, and Node for the planner: in a clone after `npm run build` its own, else what npx
brings, or the file that FERRET_PLAN names.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import torch
from torch.nn import Linear, ReLU

batch, runs = 32, 20
torch.set_num_threads(1)
torch.manual_seed(0)
model = torch.nn.Sequential(
    Linear(784, 256), ReLU(inplace=True), Linear(256, 256), ReLU(inplace=True), Linear(256, 10)
)
forward_times = {layer: [] for layer in model}
backward_times = {layer: [] for layer in model}
output_bytes = {}
begun = {}  # when the forward pass of a layer began
arrived = {}  # when the gradient at its output was there: its backward pass begins


def before_forward(layer, _):
    begun[layer] = time.perf_counter()


def after_forward(layer, _, output):
    forward_times[layer].append(1e3 * (time.perf_counter() - begun[layer]))
    output_bytes[layer] = output.numel() * output.element_size()

    # A hook on the tensor sees the gradient even where the next layer overwrites the tensor
    # (inplace=True), which backward hooks on modules refuse.
    def note(_):
        arrived[layer] = time.perf_counter()

    output.register_hook(note)


for layer in model:
    layer.register_forward_pre_hook(before_forward)
    layer.register_forward_hook(after_forward)

for _ in range(runs):
    logits = model(torch.randn(batch, 784))
    torch.nn.functional.cross_entropy(logits, torch.randint(10, (batch,))).backward()
    # A layer's backward pass ends where that of the layer before it begins.
    ends = [time.perf_counter()] + [arrived[layer] for layer in model]
    for layer, end in zip(model, ends):
        backward_times[layer].append(1e3 * (end - arrived[layer]))


def describe(index, layer):
    """Four figures, and whether the layer, an activation, must stay with the one before it."""
    return {
        "name": f"{index} {type(layer).__name__}",
        "forwardTime": statistics.median(forward_times[layer]),
        "backwardTime": statistics.median(backward_times[layer]),
        "parameterBytes": sum(p.numel() * p.element_size() for p in layer.parameters()),
        "outputBytes": output_bytes[layer],
        **({"cuttable": False} if isinstance(layer, ReLU) else {}),
    }


layers = [describe(index, layer) for index, layer in enumerate(model)]
profile = {
    "version": 1,
    "model": "torch-mlp",
    "batch": batch,
    "inputBytes": 4 * batch * 784,
    "timing": "measured",
    "machine": f"{platform.node()}, PyTorch {torch.__version__}, one thread",
    "layers": layers,
}


def planner():
    """The command that plans."""
    if "FERRET_PLAN" in os.environ:
        return ["node", os.environ["FERRET_PLAN"]]
    own = os.path.join(os.path.dirname(__file__), "../packages/planner/dist/cli.js")
    return ["node", own] if os.path.exists(own) else ["npx", "@ferret-ocl/planner"]


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "profile.json")
    with open(path, "w") as file:
        json.dump(profile, file)
    # Items come four times as fast as one sequential learner takes them.
    total = sum(layer["forwardTime"] + layer["backwardTime"] for layer in layers)
    words = [path, "--arrival", f"{total / 4:.6f}ms", "--budget", "min", "--json"]
    run = subprocess.run([*planner(), *words], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
plan = json.loads(run.stdout)
print("times:", profile["timing"], "on", profile["machine"])
for stage, first in enumerate(plan["partition"]):
    end = (plan["partition"] + [len(layers)])[stage + 1]
    print(f"stage {stage}:", ", ".join(layer["name"] for layer in layers[first:end]))
print("workers:", len(plan["workers"]), "with", plan["memory"]["total"], "bytes of", plan["memoryBudget"])
