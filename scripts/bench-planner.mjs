// How good and how fast planning is: the greedy search's R beside the exact one's over random
// models and budgets, and the time that plans of 10, 100 and 1,000 layers take. It is no check.
import { leastMemory, plan } from "@ferret-ocl/planner";

const [instances = "200"] = process.argv.slice(2);

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Layers whose costs spread over two powers of ten. */
function profileOf(layerCount, random) {
  const amount = (most) => Math.ceil(most * 10 ** (-2 * random()));
  const layers = Array.from({ length: layerCount }, (_, index) => {
    const [time, output] = [0.1 + random(), amount(200_000)];
    return {
      name: `layer${index}`,
      forwardTime: time,
      backwardTime: 2 * time,
      parameterBytes: amount(4_000_000),
      activationBytes: output,
      outputBytes: output,
      predictionBytes: output,
      innerBytes: 2 * output,
      lastBytes: output,
      gradientBytes: output,
      scratchBytes: 0,
    };
  });
  const sequentialTime = layers.reduce(
    (sum, each) => sum + each.forwardTime + each.backwardTime,
    0,
  );
  return {
    version: 1,
    model: `random, ${layerCount} layers`,
    batch: 16,
    learnBatch: 16,
    inputBytes: 50_000,
    labelBytes: 64,
    itemInputBytes: 50_000,
    itemLabelBytes: 64,
    timing: "model",
    layers,
    sequentialTime,
  };
}

/** A request whose budget lies `share` of the way from the least to no limit. */
function requestAt(share, request) {
  const least = leastMemory(request).memory.total;
  const most = plan({ ...request, memoryBudget: null }).memory.total;
  return { ...request, memoryBudget: Math.floor(least + share * Math.max(0, most - least)) };
}

const percent = (value) => `${(100 * value).toFixed(1)} %`;

function compare() {
  const random = randomFrom(1);
  const ratios = [];
  let exactCount = 0;
  for (let count = 0; count < Number(instances); count += 1) {
    const profile = profileOf(3 + Math.floor(4 * random()), random);
    const arrivalInterval = profile.sequentialTime / (2 + 10 * random());
    const request = requestAt(0.05 + 0.9 * random(), { profile, arrivalInterval });
    const exact = plan(request);
    exactCount += Number(exact.optimalityGap === 0);
    ratios.push(plan({ ...request, strategy: "greedy" }).adaptationRate / exact.adaptationRate);
  }
  ratios.sort((a, b) => a - b);
  const at = (share) =>
    percent(ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))]);
  console.log(
    `greedy R / exact R over ${ratios.length} random models and budgets, proved exact: ${exactCount}`,
  );
  for (const share of [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9])
    console.log(`  ${share === 0 ? "least" : `${100 * share} % are below`}: ${at(share)}`);
}

function time(layerCount, workers) {
  const profile = profileOf(layerCount, randomFrom(layerCount));
  // The interval at which two stages would need so many workers.
  const arrivalInterval = profile.sequentialTime / 2 / workers;
  for (const share of [0.1, 0.5, 0.9]) {
    const start = performance.now();
    const request = requestAt(share, { profile, arrivalInterval });
    const set = performance.now();
    const found = plan(request);
    const end = performance.now();
    console.log(
      `${layerCount} layers, ${percent(share)} of the memory: ${(end - set).toFixed(0)} ms ` +
        `(least and unlimited ${(set - start).toFixed(0)} ms), ${found.stageCount} stages, ` +
        `${found.workerCount} workers, gap ${percent(found.optimalityGap)}`,
    );
  }
}

compare();
time(10, 16);
time(100, 16);
time(1000, 16);
