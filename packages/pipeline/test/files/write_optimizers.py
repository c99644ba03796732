"""Writes torch/optimizers.json: what torch.optim makes of the same gradients, step by step.

    python write_optimizers.py    (torch 2.13.0+cpu)
"""

import json
import pathlib

import torch

torch.manual_seed(5)
steps, count = 12, 7
start = torch.randn(count)
gradients = torch.randn(steps, count)
# One that is always 0, one tiny, one large, and one that comes only now and then.
gradients[:, 0] = 0
gradients[:, 1] *= 1e-6
gradients[:, 2] *= 1e4
gradients[1::3, 3] = 0

optimizers = {
    "sgd": (torch.optim.SGD, {}, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, {}),
    "momentum 0.5": (torch.optim.SGD, {"momentum": 0.5}, {"momentum": 0.5}),
    "adam": (torch.optim.Adam, {}, {}),
    "adam 0.8 0.95": (
        torch.optim.Adam,
        {"betas": (0.8, 0.95), "eps": 1e-4},
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4},
    ),
}
runs = []
for name, (kind, settings, options) in optimizers.items():
    for learning_rate in (0.05, 0.001):
        weights = torch.nn.Parameter(start.clone())
        optimizer = kind([weights], lr=learning_rate, **settings)
        after = []
        for gradient in gradients:
            weights.grad = gradient.clone()
            optimizer.step()
            after.append(weights.tolist())
        runs.append(
            {
                "optimizer": name.split()[0],
                "options": options,
                "learningRate": learning_rate,
                "weights": after,
            }
        )
path = pathlib.Path(__file__).parent / "torch" / "optimizers.json"
path.write_text(
    json.dumps({"start": start.tolist(), "gradients": gradients.tolist(), "runs": runs})
    + "\n"
)
