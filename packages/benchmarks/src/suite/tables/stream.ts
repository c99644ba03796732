import type { SuitePart } from "./contract.js";
import { ferrets, oracle, skipping } from "./learners.js";

export const stream: SuitePart = {
  name: "stream",
  title: "Accuracy along the stream",
  kind: "stream",
  notes: ["The mean over the last items, over seeds."],
  contenders: () => [oracle, ...skipping, ...ferrets],
};
