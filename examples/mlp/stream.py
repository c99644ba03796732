"""The stream of play-a-plan.py: the same numbers as stream.mjs makes."""

import math
import torch

batch = 10


def random_numbers(state):
    """Between 0 and 1, by Park and Miller's generator."""
    while True:
        state = 16807 * state % 2147483647
        yield state / 2147483647


def draw(numbers, *shape, bound=1.0):
    values = [bound * (2 * next(numbers) - 1) for _ in range(math.prod(shape))]
    return torch.tensor(values).reshape(shape)


def draw_item(numbers, k):
    """Points of a square; the class is the quadrant around a centre that moves back and forth."""
    centre = abs(k / 200 % 2 - 1) - 0.5
    x = draw(numbers, batch, 2)
    return x, ((x > centre) * torch.tensor([1, 2])).sum(1)
