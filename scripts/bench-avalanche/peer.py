"""Avalanche's side of the comparison: its own plugins on the items and first weights of ours.

    python peer.py FOLDER [AVALANCHE]

FOLDER holds what bench-avalanche.mjs writes: stream.json, x.u8, labels.i32, test-x.u8, test-labels.i32
and weights.f32. For every line of JSON on standard input, {"algorithm", "learningRate"}, one line comes
back: {"online", "overall", "within"}, in percentage points. The replay of ER and MIR is drawn from a
reservoir that is shown every item, as ours is: Avalanche's own buffers are filled when a task ends.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch
from torch import nn

BATCH, CLASSES, REPLAY, CAPACITY, CANDIDATES = 16, 10, 16, 500, 50


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """What Avalanche imports but no plugin here needs, where it is not installed."""

    names = ("GPUtil", "gdown", "pytorchcv", "wandb", "qpsolvers", "quadprog", "pycocotools")
    names += ("torchvision", "tensorboard")

    def __init__(self):
        self.missing = [name for name in self.names if importlib.util.find_spec(name) is None]
        if "tensorboard" in self.missing:
            self.missing.append("torch.utils.tensorboard")

    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in self.missing):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__path__ = []

        def stand_in(name):
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {"__init__": lambda self, *a, **k: None})

        module.__getattr__ = stand_in
        return module

    def exec_module(self, module):
        pass


def find_plugins(folder):
    if folder:
        sys.path.insert(0, folder)
    sys.meta_path.insert(0, StandIns())
    from avalanche.training.plugins.lwf import LwFPlugin
    from avalanche.training.plugins.mas import MASPlugin
    from avalanche.training.plugins.mir import MIRPlugin

    return {"lwf": LwFPlugin, "mas": MASPlugin, "mir": MIRPlugin}


class Reservoir:
    """Fills, and then takes the s-th sample with probability capacity / s in a random one's place."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.x, self.y, self.seen = [], [], 0

    def add(self, x, y):
        for one, label in zip(x, y):
            if len(self.x) < CAPACITY:
                self.x.append(one)
                self.y.append(label)
            else:
                slot = self.random.integers(self.seen + 1)
                if slot < CAPACITY:
                    self.x[slot], self.y[slot] = one, label
            self.seen += 1

    def draw(self, count):
        chosen = self.random.permutation(len(self.x))[:count]
        return torch.stack([self.x[k] for k in chosen]), torch.stack([self.y[k] for k in chosen])


class Candidates:
    """The loader that MIR's plugin takes its candidates from."""

    def __init__(self, reservoir):
        self.reservoir = reservoir

    def __next__(self):
        x, y = self.reservoir.draw(CANDIDATES)
        return x, y, torch.zeros_like(y)


class Task(torch.utils.data.Dataset):
    """The samples of one task, for the plugins that go over them once more at its end."""

    def __init__(self, x, y):
        self.x, self.y = x, y
        self.targets = types.SimpleNamespace(uniques=y.unique().tolist())
        self.targets_task_labels = types.SimpleNamespace(uniques=[0])
        self.task_set = {0: self}

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return self.x[index], self.y[index], 0


class Data:
    def __init__(self, folder):
        folder = Path(folder)
        self.stream = json.loads((folder / "stream.json").read_text())

        def pixels(name):
            values = np.fromfile(folder / name, dtype=np.uint8).reshape(-1, 784)
            return torch.from_numpy(values.astype(np.float32) / np.float32(255))

        def labels(name):
            return torch.from_numpy(np.fromfile(folder / name, dtype=np.int32).astype(np.int64))

        self.x, self.y = pixels("x.u8"), labels("labels.i32")
        self.test_x, self.test_y = pixels("test-x.u8"), labels("test-labels.i32")
        self.weights = np.fromfile(folder / "weights.f32", dtype=np.float32)

    def model(self):
        """784-256-256-10; ours keeps kernels [in, out], layer by layer, each before its bias."""
        sizes = [784, 256, 256, CLASSES]
        layers, place = [], 0
        for inputs, outputs in zip(sizes, sizes[1:]):
            layer = nn.Linear(inputs, outputs)
            kernel = self.weights[place : place + inputs * outputs].reshape(inputs, outputs)
            place += inputs * outputs
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(kernel.T.copy()))
                layer.bias.copy_(torch.from_numpy(self.weights[place : place + outputs].copy()))
            place += outputs
            layers += [layer, nn.ReLU()]
        assert place == len(self.weights), "the weights are of another model"
        return nn.Sequential(*layers[:-1])

    def test(self, model):
        with torch.no_grad():
            logits = model(self.test_x)
        overall, within = [], []
        for classes in self.stream["tasks"]:
            own = torch.isin(self.test_y, torch.tensor(classes))
            rows, labels = logits[own], self.test_y[own]
            overall.append(100 * (rows.argmax(1) == labels).float().mean().item())
            best = torch.tensor(classes)[rows[:, classes].argmax(1)]
            within.append(100 * (best == labels).float().mean().item())
        return overall, within


def make_plugin(plugins, name):
    if name == "lwf":
        return plugins["lwf"](alpha=3, temperature=2)
    if name == "mas":
        return plugins["mas"](lambda_reg=3)
    if name == "mir":
        return plugins["mir"](batch_size_mem=REPLAY, mem_size=CAPACITY, subsample=CANDIDATES)
    return None


def run(data, plugins, name, learning_rate):
    seed = data.stream["seed"]
    torch.manual_seed(seed)
    model, criterion = data.model(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    plugin, reservoir = make_plugin(plugins, name), Reservoir(seed)
    # What the plugins ask a strategy of Avalanche for.
    strategy = types.SimpleNamespace(
        model=model,
        optimizer=optimizer,
        _criterion=criterion,
        device="cpu",
        train_mb_size=BATCH,
        clock=types.SimpleNamespace(train_exp_counter=0),
    )
    per_task = BATCH * data.stream["itemsPerTask"]
    correct, overall, within = 0, [], []

    def test():
        for kept, one in zip((overall, within), data.test(model)):
            kept.append(one)

    for task, classes in enumerate(data.stream["tasks"]):
        test()
        x, y = (values[task * per_task : (task + 1) * per_task] for values in (data.x, data.y))
        strategy.experience = types.SimpleNamespace(
            dataset=Task(x, y),
            classes_in_this_experience=classes,
            current_experience=task,
            task_labels=[0],
            classes_in_this_experience_by_task={0: classes},
        )
        strategy.clock.train_exp_counter = task
        for begin in range(0, per_task, BATCH):
            item_x, item_y = x[begin : begin + BATCH], y[begin : begin + BATCH]
            learned_x, learned_y = item_x, item_y
            if name == "er" and reservoir.x:
                again_x, again_y = reservoir.draw(REPLAY)
                learned_x, learned_y = torch.cat([item_x, again_x]), torch.cat([item_y, again_y])
            optimizer.zero_grad()
            strategy.mb_x, strategy.mb_y = learned_x, learned_y
            strategy.mb_output = model(learned_x)
            correct += (strategy.mb_output[:BATCH].argmax(1) == item_y).sum().item()
            strategy.loss = criterion(strategy.mb_output, learned_y)
            if name == "mir":
                plugin.replay_loader = (
                    Candidates(reservoir) if len(reservoir.x) > REPLAY else None
                )
            if plugin:
                plugin.before_backward(strategy)
            strategy.loss.backward()
            optimizer.step()
            if name in ("er", "mir"):
                reservoir.add(item_x, item_y)
        if plugin and name != "mir":
            plugin.after_training_exp(strategy)
    test()
    return {"online": 100 * correct / len(data.y), "overall": overall, "within": within}


def main():
    torch.set_num_threads(1)
    plugins = find_plugins(sys.argv[2] if len(sys.argv) > 2 else None)
    data = Data(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(data, plugins, asked["algorithm"], asked["learningRate"])), flush=True)


if __name__ == "__main__":
    main()
