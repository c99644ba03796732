// A whole learner: it predicts every item of a stream, learns it in an asynchronous pipeline with
// replay, and stays within a memory budget. The clock is virtual; the mathematics is real.
import { createLearner } from "@ferret-ocl/pipeline";

const dense = (units, activation) => ({ class_name: "Dense", config: { units, activation } });
const model = [dense(48, "relu"), dense(48, "relu"), dense(4, "linear")];
const setting = { model, inputShape: [64], batch: 8, algorithm: "er", arrivalInterval: "2us" };
// Samples are noise with a bright stripe whose position is the class: two at first, then two others.
const classAt = (k, sample) => (k < 300 ? 0 : 2) + ((k + sample) % 2);
const pixelAt = (k, sample, pixel) =>
  Math.sin(104 * k + 13 * sample + 78.2 * pixel) + (Math.floor(pixel / 16) === classAt(k, sample));
for (const memoryBudget of ["none", "400KiB"]) {
  const learner = await createLearner({ ...setting, memoryBudget, clock: { kind: "virtual" } });
  let correct = 0;
  for (let k = 0; k < 600; k++) {
    const x = Float32Array.from({ length: 512 }, (_, at) => pixelAt(k, at >> 6, at % 64));
    const y = Int32Array.from({ length: 8 }, (_, sample) => classAt(k, sample));
    correct += (await learner.observe(x, y)).correct;
  }
  await learner.finish();
  const { memory, dropped } = learner.metrics();
  const [exact, well] = [memory.total === learner.plan.memory.total, correct / 4800 > 0.9];
  console.log(`${memoryBudget}: dropped ${dropped > 0}, as planned ${exact}, above 90 % ${well}`);
}
