// Planning alone: what a pipeline would look like under a memory budget. Nothing is trained, and
// the model need not be written in JavaScript: profile and plan are plain JSON.
import { formatBytes, leastMemory, paperMemory, plan } from "@ferret-ocl/planner";

// What one layer costs, times in milliseconds, memory in bytes: dense layers on batches of 32.
function dense(name, inputs, outputs) {
  const time = (inputs * outputs) / 1e6;
  return {
    name,
    forwardTime: time,
    backwardTime: 2 * time,
    parameterBytes: 4 * (inputs + 1) * outputs,
    activationBytes: 4 * 32 * outputs,
    outputBytes: 4 * 32 * outputs,
    predictionBytes: 4 * 32 * outputs,
    innerBytes: 4 * 32 * outputs,
    lastBytes: 32 * outputs,
    gradientBytes: 4 * 32 * Math.max(inputs, outputs),
    scratchBytes: 0,
  };
}

const layers = [dense("hidden1", 784, 256), dense("hidden2", 256, 256), dense("logits", 256, 10)];
const sequentialTime = layers.reduce((sum, each) => sum + each.forwardTime + each.backwardTime, 0);

const profile = {
  version: 1,
  model: "mlp",
  batch: 32,
  learnBatch: 32,
  inputBytes: 4 * 32 * 784,
  labelBytes: 4 * 32,
  itemInputBytes: 4 * 32 * 784,
  itemLabelBytes: 4 * 32,
  timing: "model",
  layers,
  sequentialTime,
};

// Items come eight times as fast as one sequential learner takes them.
const request = { profile, arrivalInterval: sequentialTime / 8 };

// Without a limit no technique is needed; every stage of every worker keeps what it wants.
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

// Less than the least is refused, with a message that says what would do.
const least = leastMemory(request);
console.log(`the least that still beats a sequential learner: ${formatBytes(least.memory.total)}`);
try {
  plan({ ...request, memoryBudget: 1_000_000 });
} catch (error) {
  console.log(error.code);
}
