// What is compared. `goal` is the ratio (PyTorch time / ours) that is aimed at; it is printed beside
// the measured one and never asserted. `typicalMs` only weighs the estimate of the time left.
export const cases = [
  { model: "mlp", batch: 16, goal: 3, typicalMs: 0.4 },
  { model: "mlp", batch: 1, goal: 10, typicalMs: 0.3 },
  { model: "mnistnet", batch: 16, goal: 1.6, typicalMs: 25 },
  { model: "mnistnet", batch: 1, goal: 2.5, typicalMs: 5 },
  { model: "convnet", batch: 16, goal: 1.5, typicalMs: 90 },
  { model: "resnet18", batch: 16, goal: 1.25, typicalMs: 730 },
  { model: "mobilenet", batch: 16, goal: 1.5, typicalMs: 140 },
];
