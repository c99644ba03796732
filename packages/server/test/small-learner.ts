/** A model of one layer on the virtual clock. */
export const learner = {
  model: [{ class_name: "Dense", config: { units: 3 } }],
  inputShape: [4],
  classes: 3,
  batch: 2,
  arrivalInterval: "1ms",
  clock: { kind: "virtual" },
} as const;

/** The same of two values. */
export const regressor = {
  ...learner,
  model: [{ class_name: "Dense", config: { units: 2 } }],
  classes: undefined,
  loss: "meanSquaredError",
  outputs: 2,
} as const;
