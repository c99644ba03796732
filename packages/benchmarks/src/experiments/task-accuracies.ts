import { inputLength, type LabelledData } from "../datasets/contract.js";
import type { StreamLearner } from "../learners/contract.js";
import type { Task } from "../streams/contract.js";

/** By task, percentage points. */
export interface TaskAccuracies {
  /** The class is sought among all classes. */
  readonly overall: readonly number[];
  /** The class is sought among those of the sample's task, as if that were told. */
  readonly within: readonly number[];
}

/** At most `count` samples, evenly over the data. */
export function everyNth(data: LabelledData, count: number): LabelledData {
  const stride = Math.max(1, data.count / count);
  const index = (sample: number) => Math.floor(sample * stride);
  return {
    count: Math.min(data.count, count),
    classes: data.classes,
    inputShape: data.inputShape,
    read: (sample, x, offset) => data.read(index(sample), x, offset),
    label: (sample) => data.label(index(sample)),
  };
}

/**
 * Tests a learner, as it is now, on the test samples of every task.
 * @param batch samples that it predicts at once.
 * @param rowLength logits of one sample.
 */
export function testTasks(
  learner: Pick<StreamLearner, "predict">,
  test: LabelledData,
  tasks: readonly Task[],
  { batch, rowLength }: { readonly batch: number; readonly rowLength: number },
): TaskAccuracies {
  const length = inputLength(test);
  const item = { x: new Float32Array(batch * length), labels: new Int32Array(batch), size: batch };
  const everyClass = Array.from({ length: test.classes }, (_, label) => label);
  const counts = tasks.map(({ classes }) => ({ classes, samples: 0, overall: 0, within: 0 }));
  for (let first = 0; first < test.count; first += batch) {
    const size = Math.min(batch, test.count - first);
    for (let sample = 0; sample < size; sample++)
      test.read(first + sample, item.x, sample * length);
    const logits = learner.predict(item);
    for (let sample = 0; sample < size; sample++) {
      const label = test.label(first + sample);
      const row = logits.subarray(sample * rowLength, (sample + 1) * rowLength);
      const overall = likeliest(row, everyClass) === label;
      // Of a recurring task, every appearance has the same test samples.
      for (const count of counts.filter(({ classes }) => classes.includes(label))) {
        count.samples++;
        if (overall) count.overall++;
        if (likeliest(row, count.classes) === label) count.within++;
      }
    }
  }
  const shares = (key: "overall" | "within") =>
    counts.map((count) => (100 * count[key]) / Math.max(1, count.samples));
  return { overall: shares("overall"), within: shares("within") };
}

function likeliest(row: Float32Array, classes: readonly number[]): number | undefined {
  let best = classes[0];
  for (const label of classes)
    if ((row[label] as number) > (row[best as number] as number)) best = label;
  return best;
}
