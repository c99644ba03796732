// How good and how fast planning is: R from the greedy search compared with R from the exact one
// over random models and budgets, and the time that plans of 10, 100 and 1,000 layers take. It is
// not a check.
import { leastMemory, plan } from "@ferret-ocl/planner";
import { profileOf } from "./random-profiles.mjs";
import { randomFrom } from "./shared/random.mjs";

const [instances = "200"] = process.argv.slice(2);

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
