"""Plays a plan in PyTorch: the same network, stream and rules as play-a-plan.mjs.

The clock is simulated from the times of the profile, so the run is the same on every machine.
docs/playing-a-plan.md tells the rules, in the same words.
"""

import json
import math
import sys
import torch
from mlp.network import create_layers, descend, forward, forward_with_graph
from mlp.stream import batch, draw_item, random_numbers

profile, plan = (json.load(open(path)) for path in sys.argv[1:3])
item_count = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
limits = plan["slots"]  # how many items, outputs and weight versions each stage may hold
stage_count, worker_count = plan["stageCount"], plan["workerCount"]
torch.set_num_threads(1)
numbers = random_numbers(1)
layers = create_layers(numbers)


def nanoseconds(milliseconds):
    return max(1, math.floor(1e6 * milliseconds + 0.5))


class Stage:
    def __init__(self, index, first, end):
        self.index, self.first = index, first
        self.weights = layers[first:end]  # the newest version: never changed, only replaced
        own = profile["layers"][first:end]
        self.forward_time = nanoseconds(sum(layer["forwardTime"] for layer in own))
        self.backward_time = nanoseconds(sum(layer["backwardTime"] for layer in own))
        self.learning = set()  # items of all workers whose backward pass here is still to come
        self.outputs = set()  # items whose output of this stage is still needed
        self.sum = None  # of the gradients that wait for an update (T2)
        self.gathered = [0] * worker_count  # how many, by worker
        self.is_due = False


class Device:
    """One stage of a worker: it does one thing at a time."""

    def __init__(self, worker, stage):
        self.worker, self.stage = worker, stage
        self.recomputes = plan["workers"][worker]["recompute"]
        self.forwards, self.backwards, self.in_flight = [], [], set()
        self.item, self.end, self.finish = None, math.inf, None

    def begin(self, item, duration, finish):
        self.item, self.end, self.finish = item, now + duration, finish


class Item:
    def __init__(self, k, x, labels, first_learning):
        self.k, self.labels, self.first_learning = k, labels, first_learning
        self.tensor = x  # what the next stage takes: an output, later the gradient at it
        self.weights, self.inputs, self.graphs = ([None] * stage_count for _ in range(3))


bounds = [*plan["partition"], len(layers)]
stages = [Stage(index, *bounds[index : index + 2]) for index in range(stage_count)]
devices = [[Device(worker, stage) for stage in stages] for worker in range(worker_count)]
all_devices = [device for row in devices for device in row]
admitted = [0] * worker_count
now = right = dropped = 0


def arrive(k):
    """Item k is predicted with the newest weights, then waits for its worker or is dropped."""
    global right, dropped
    x, labels = draw_item(numbers, k)
    logits = x
    for stage in stages:
        logits = forward(stage.first, stage.weights, logits)
    right += (logits.argmax(1) == labels).sum().item()
    worker = k % worker_count
    queue = devices[worker][0].forwards
    if queue:
        dropped += 1
        return
    # T3: of the q-th item that the worker takes, the stages learn whose period divides q.
    q, periods = admitted[worker], limits["participation"][worker]
    admitted[worker] += 1
    queue.append(Item(k, x, labels, next(i for i in range(stage_count) if q % periods[i] == 0)))


def is_forward_ready(device):
    """Whether a device may begin the forward pass of the item that waits for it."""
    stage, index = device.stage, device.stage.index
    # One forward, one backward: at most P - i items of a worker are between the two.
    if not device.forwards or len(device.in_flight) >= stage_count - index:
        return False
    if len(stage.outputs) >= limits["boundaries"][index]:
        return False
    if index < device.forwards[0].first_learning:
        return True
    own = len(device.in_flight & stage.learning)
    most = limits["inFlight"][index]
    return own < limits["stash"][device.worker][index] and len(stage.learning) < most


def start_what_can():
    """Backward passes go first; then forward passes, the oldest item's before the others."""
    for device in all_devices:
        if device.item is None and device.backwards:
            start_backward(device)
    while ready := [each for each in all_devices if not each.item and is_forward_ready(each)]:
        start_forward(min(ready, key=lambda each: each.forwards[0].k))


def start_forward(device):
    stage, index = device.stage, device.stage.index
    item = device.forwards.pop(0)
    device.in_flight.add(item)
    stage.outputs.add(item)
    learns = index >= item.first_learning
    if learns:
        stage.learning.add(item)
        # Weight stashing: the backward pass will use the weights of its forward pass.
        item.weights[index], item.inputs[index] = stage.weights, item.tensor
    if learns and not device.recomputes:
        item.graphs[index] = forward_with_graph(stage.first, stage.weights, item.tensor)
        item.tensor = item.graphs[index][1].detach()
    else:
        item.tensor = forward(stage.first, stage.weights, item.tensor)
    device.begin(item, stage.forward_time, end_forward)


def end_forward(device, item):
    index = device.stage.index
    # Nothing of a stage that does not learn from the item is needed any more (T3).
    if 0 < index < item.first_learning:
        stages[index - 1].outputs.remove(item)
    if index < stage_count - 1:
        devices[device.worker][index + 1].forwards.append(item)
        return
    logits = item.tensor.requires_grad_()
    loss = torch.nn.functional.cross_entropy(logits, item.labels)
    (item.tensor,) = torch.autograd.grad(loss, logits)
    device.backwards.append(item)


def start_backward(device):
    stage = device.stage
    # T1: the forward pass is done a second time.
    duration = stage.backward_time + (stage.forward_time if device.recomputes else 0)
    device.begin(device.backwards.pop(0), duration, end_backward)


def end_backward(device, item):
    stage, index, row = device.stage, device.stage.index, devices[device.worker]
    leaves, output = item.graphs[index] or forward_with_graph(
        stage.first, item.weights[index], item.inputs[index]
    )
    item.tensor, *gradients = torch.autograd.grad(output, leaves, item.tensor)
    for held in (stage.learning, stage.outputs, device.in_flight):
        held.remove(item)
    take_in(stage, device.worker, gradients)
    if index > item.first_learning:
        row[index - 1].backwards.append(item)
        return
    if index > 0:
        stages[index - 1].outputs.remove(item)
    for before in row[:index]:
        before.in_flight.remove(item)


def take_in(stage, worker, gradients):
    """A gradient makes an update, or waits for others of its group (T2) or for a free version."""
    stage.sum = [a + b for a, b in zip(stage.sum, gradients)] if stage.sum else gradients
    stage.gathered[worker] += 1
    if stage.gathered[worker] % plan["workers"][worker]["accumulate"][stage.index] == 0:
        stage.is_due = True
    held = {id(item.weights[stage.index]) for item in stage.learning}
    if stage.is_due and len(held) < limits["versions"][stage.index]:
        stage.weights = descend(stage.weights, stage.sum)
        stage.sum, stage.is_due = None, False


def play_until(time):
    """Ends what ends until some time, in order, and starts what can start then."""
    global now
    while (now := min(device.end for device in all_devices)) <= time:
        for device in all_devices:
            if device.end == now:
                item, device.item, device.end = device.item, None, math.inf
                device.finish(device, item)
        start_what_can()
    now = time


for k in range(item_count):
    play_until(k * nanoseconds(plan["arrivalInterval"]))
    arrive(k)
    start_what_can()
accuracy = 100 * right / (item_count * batch)
print(f"online accuracy {accuracy:.2f} %, {dropped} of {item_count} items dropped")
