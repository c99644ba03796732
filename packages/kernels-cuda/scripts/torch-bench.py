"""Times the formulas of the kernels in eager PyTorch on a GPU, one operation after the other.

Prints a line a kernel and length: name, length, microseconds (median). Takes the least and the
most power of two as arguments. Ends with 3 where there is no PyTorch or no GPU for it.
"""

import sys

try:
    import torch
except ImportError:
    sys.exit(3)
if not torch.cuda.is_available():
    sys.exit(3)

LAMBDA, DECAY, RATE, TAU, ROUNDS = 0.01, 0.01, 0.01, 4, 15


def walk(g, versions):
    for previous, following in zip(versions, versions[1:]):
        g = g * (1 + LAMBDA * g * (following - previous)).clamp(0, 2)
    return g


def average(square, g):
    return DECAY * square + (1 - DECAY) * g * g


def iterative_fisher_step(g, versions, residual, fisher):
    rest = 1 - DECAY
    difference = rest * (g - residual)
    fisher = DECAY * fisher + rest * g * g * (versions[-1] - versions[-2])
    residual = DECAY * residual + rest * g
    sums = torch.dot(fisher, difference), torch.dot(fisher, fisher)
    return versions[-1] - RATE * walk(g, versions), residual, fisher, sums


def adaptive_fisher(g, now, then, square):
    square = average(square, g)
    factor = 1 + LAMBDA / torch.sqrt(square + 1e-7) * g * (now - then)
    return now - RATE * (g * factor.clamp(0, 2)), square


def gap_aware(g, now, then, square):
    square = average(square, g)
    return now - RATE * (g / (1 + (now - then).abs() / (0.01 * square.sqrt() + 0.01))), square


FORMULAS = {
    "iterativeFisher": lambda a: walk(a[0], a[1 : TAU + 2]),
    "iterativeFisherSgd": lambda a: a[TAU + 1] - RATE * walk(a[0], a[1 : TAU + 2]),
    "iterativeFisherStep": lambda a: iterative_fisher_step(a[0], a[1 : TAU + 2], a[6], a[7]),
    "closedFormFisher": lambda a: a[1]
    - RATE * (a[0] / (1 - LAMBDA * a[0] * (a[1] - a[2])).clamp(min=0.5)),
    "adaptiveFisher": lambda a: adaptive_fisher(*a[:4]),
    "gapAware": lambda a: gap_aware(*a[:4]),
    "delayAdaptive": lambda a: a[1] - RATE * (a[0] * (1 / (1 + LAMBDA * 4))),
    "fisherDiagonal": lambda a: average(a[1], a[0]),
}


def microseconds(formula, arrays):
    times = []
    for turn in range(-3, ROUNDS):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        formula(arrays)
        end.record()
        end.synchronize()
        if turn >= 0:
            times.append(1e3 * begin.elapsed_time(end))
    return sorted(times)[len(times) // 2]


for power in range(int(sys.argv[1]), int(sys.argv[2]) + 1, 2):
    vectors = [0.5 + torch.rand(2**power, device="cuda") for _ in range(8)]
    for name, formula in FORMULAS.items():
        print(f"{name}\t{2**power}\t{microseconds(formula, vectors):.2f}", flush=True)
