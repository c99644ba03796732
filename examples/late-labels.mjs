// Predictions first, labels later: each sample is predicted when it comes and learned when its
// label comes, twenty samples later. Threads learn in the meantime.
import { createLearner } from "@ferret-ocl/pipeline";

const options = { model: "mlp", inputShape: [2], classes: 2, batch: 1, whenBusy: "wait" };
const learner = await createLearner(options);
const unlabelled = [];
let right = 0;
for (let k = 0; k < 3000; k++) {
  const x = [3 * ((k * 0.618) % 1) - 1.5, 3 * ((k * 0.755) % 1) - 1.5];
  const y = Math.hypot(...x) < 1 ? 1 : 0;
  const { label } = await learner.predict(x);
  if (k >= 2000 && label === y) right++;
  unlabelled.push([x, y]);
  if (unlabelled.length > 20) await learner.learn(...unlabelled.shift());
}
console.log(`right about the last thousand: ${right > 900 ? "more than 900" : right}`);
await learner.dispose();
