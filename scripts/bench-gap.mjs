// How near to the best the plans of deep models are proved to be, by budget relative to the least
// one: `optimalityGap` and the processor time of a plan. It is not a check.
import { leastMemory, plan } from "@ferret-ocl/planner";
import { profileOf } from "./random-profiles.mjs";
import { randomFrom } from "./shared/random.mjs";

const [sizes = "60,100,300,1000", seeds = "1", workers = "16"] = process.argv.slice(2);
const shares = [1, 1.02, 1.05, 1.1, 1.25, 1.5];

const percent = (value) => `${(100 * value).toFixed(1)} %`;

for (const layerCount of sizes.split(",").map(Number))
  for (const seed of seeds.split(",").map(Number)) {
    const profile = profileOf(layerCount, randomFrom(1000 * seed + layerCount));
    // The interval at which two stages would need so many workers.
    const arrivalInterval = profile.sequentialTime / 2 / Number(workers);
    const least = leastMemory({ profile, arrivalInterval }).memory.total;
    for (const share of shares) {
      const start = process.cpuUsage();
      const found = plan({ profile, arrivalInterval, memoryBudget: Math.floor(share * least) });
      console.log(
        `${layerCount} layers, seed ${seed}, ${share} of the least: gap ` +
          `${percent(found.optimalityGap)}, R ${found.adaptationRate.toPrecision(4)}, ` +
          `${found.stageCount} stages, ${found.workerCount} workers, ` +
          `${(process.cpuUsage(start).user / 1000).toFixed(0)} ms`,
      );
    }
  }
