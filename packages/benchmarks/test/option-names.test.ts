import { expect, it } from "vitest";
import { nameOptions } from "../src/commands/serve/option-names.js";

it.each([
  [
    "Expected 0.05 for learningRate, as it is, but received 0.3",
    "Expected 0.05 for --lr, as it is, but received 0.3",
  ],
  ["Expected 1 for clock.count but received 0", "Expected 1 for --threads but received 0"],
  [
    "lower waitingBytes, or make arrivalInterval longer",
    "lower --waiting-memory, or make --arrival longer",
  ],
  ["Expected 0 for seed, as the learner", "Expected 0 for --seed, as the learner"],
  // Words of a sentence, what was received, and what is part of another name stay.
  [
    "ask for a smaller batch, or another seed for model and port",
    "ask for a smaller batch, or another seed for model and port",
  ],
  [
    'Expected a name for state but received "learningRate"',
    'Expected a name for --state but received "learningRate"',
  ],
  [
    "Expected 2 for timing.learnBatch but received 1",
    "Expected 2 for timing.learnBatch but received 1",
  ],
  ["a plan.arrivalInterval, or learningRates", "a plan.arrivalInterval, or learningRates"],
])("names options of the command line: %s", (sentence, wanted) => {
  expect(nameOptions(sentence)).toBe(wanted);
});
