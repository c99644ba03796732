"""Profiles a PyTorch model with hooks, has Ferret plan it, and reads the plan back.

Run in a clone after `npm run build`: /usr/bin/python3 examples/profile-from-pytorch.py
"""
import json, os, statistics, subprocess, sys, tempfile, time
import torch

BATCH, RUNS = 32, 20
torch.set_num_threads(1)
torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10)
)
times = {layer: {"forward": [], "backward": []} for layer in model}
shapes, begun = {}, {}


def start(layer, kind):
    begun[layer, kind] = time.perf_counter()


def stop(layer, kind):
    times[layer][kind].append(1e3 * (time.perf_counter() - begun[layer, kind]))


def after_forward(layer, inputs, output):
    stop(layer, "forward")
    shapes[layer] = (inputs[0].numel(), output.numel())
    output.register_hook(lambda gradient: start(layer, "backward"))


for layer in model:
    layer.register_forward_pre_hook(lambda layer, inputs: start(layer, "forward"))
    layer.register_forward_hook(after_forward)
    layer.register_full_backward_hook(lambda layer, *gradients: stop(layer, "backward"))

for _ in range(RUNS):
    x = torch.randn(BATCH, 784, requires_grad=True)  # so that the first layer's hook fires
    torch.nn.functional.cross_entropy(model(x), torch.randint(10, (BATCH,))).backward()


def describe(index, layer):
    forward, backward = (statistics.median(times[layer][kind]) for kind in ("forward", "backward"))
    taken, given = (4 * count for count in shapes[layer])
    return {
        "name": f"{index} {type(layer).__name__}",
        "forwardTime": forward,
        "backwardTime": backward,
        "parameterBytes": 4 * sum(p.numel() for p in layer.parameters()),
        "activationBytes": given,
        "outputBytes": given,
        "predictionBytes": given,
        "innerBytes": given,  # PyTorch keeps each layer's output for the next one's backward pass
        "lastBytes": 0,
        "gradientBytes": max(taken, given),
        "scratchBytes": 0,
        # An activation stays with the layer before it.
        "cuttable": not isinstance(layer, torch.nn.ReLU),
    }


layers = [describe(index, layer) for index, layer in enumerate(model)]
total = sum(layer["forwardTime"] + layer["backwardTime"] for layer in layers)
profile = {
    "version": 1, "model": "torch-mlp", "batch": BATCH, "learnBatch": BATCH,
    "inputBytes": 4 * BATCH * 784, "labelBytes": 8 * BATCH,
    "itemInputBytes": 4 * BATCH * 784, "itemLabelBytes": 8 * BATCH,
    "timing": "model", "layers": layers, "sequentialTime": total,
}  # fmt: skip

ferret = os.environ.get("FERRET", os.path.join(os.path.dirname(__file__), "../packages/benchmarks/dist/cli.js"))
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "profile.json")
    with open(path, "w") as file:
        json.dump(profile, file)
    # Items come four times as fast as one sequential learner takes them.
    words = ["--profile", path, "--arrival", f"{total / 4:.6f}ms", "--memory-budget", "min", "--json"]
    run = subprocess.run(["node", ferret, "plan", *words], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
plan = json.loads(run.stdout)
for stage, first in enumerate(plan["partition"]):
    end = (plan["partition"] + [len(layers)])[stage + 1]
    print(f"stage {stage}:", ", ".join(layer["name"] for layer in layers[first:end]))
print("workers:", len(plan["workers"]), "with", plan["memory"]["total"], "bytes of", plan["memoryBudget"])
