// Planning alone: what a pipeline would look like under a memory budget. Nothing is trained, and
// the model need not be written in JavaScript: profile and plan are plain JSON.
import { formatBytes, leastMemory, paperMemory, parseProfile, plan } from "@ferret-ocl/planner";

// What one layer costs, times in milliseconds, memory in bytes: a dense layer on batches of 32.
// These four figures are enough; the planner fills in the rest as for a stack that keeps every
// output.
function dense(name, inputs, outputs) {
  const time = (inputs * outputs) / 1e6;
  const parameterBytes = 4 * (inputs + 1) * outputs;
  return {
    name,
    forwardTime: time,
    backwardTime: 2 * time,
    parameterBytes,
    outputBytes: 128 * outputs,
  };
}

const layers = [dense("hidden1", 784, 256), dense("hidden2", 256, 256), dense("logits", 256, 10)];
const profile = parseProfile({
  version: 1,
  batch: 32,
  inputBytes: 128 * 784,
  timing: "model",
  layers,
});
const { sequentialTime } = profile;

// Items come eight times as fast as one sequential learner can take them.
const request = { profile, arrivalInterval: sequentialTime / 8 };

// Without a limit no technique is needed; every stage of every worker keeps all that it can use.
const unlimited = plan({ ...request, memoryBudget: null });
console.log(
  `no limit: ${unlimited.workerCount} workers of ${unlimited.stageCount} stages,`,
  formatBytes(unlimited.memory.total),
);
const byPaper = paperMemory(profile, unlimited.partition, unlimited.workers);
console.log(`weights and activations by the paper's Eq. 4: ${formatBytes(byPaper)}`);

// The tighter the budget, the slower the model adapts; R is the adaptation rate of the paper.
for (const share of [0.75, 0.5, 0.25]) {
  const memoryBudget = Math.floor(share * unlimited.memory.total);
  const tight = plan({ ...request, memoryBudget });
  const rate = tight.adaptationRate / unlimited.adaptationRate;
  console.log(
    `${100 * share} % of the memory: workers: ${tight.workerCount},`,
    `${(100 * rate).toFixed(0)} % of the adaptation rate,`,
    `${tight.memory.total <= memoryBudget ? "inside" : "over"} the budget`,
  );
}

// Less than the least is refused, with a message that says how much is needed.
const least = leastMemory(request);
console.log(`the least that still beats a sequential learner: ${formatBytes(least.memory.total)}`);
try {
  plan({ ...request, memoryBudget: 1_000_000 });
} catch (error) {
  console.log(error.code);
}
