import { inputLength, type LabelledData } from "../datasets/contract.js";
import type { StreamLearner } from "../learners/contract.js";
import type { Task } from "../streams/contract.js";

/** By task, percentage points. */
export interface TaskAccuracies {
  /** The class is predicted among all classes. */
  readonly overall: readonly number[];
  /** The class is predicted among those of the sample's task, as if the task were known. */
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
  const accuracies = tasks.map((task) => testTask(learner, test, task, { batch, rowLength }));
  return {
    overall: accuracies.map(({ overall }) => overall),
    within: accuracies.map(({ within }) => within),
  };
}

function testTask(
  learner: Pick<StreamLearner, "predict">,
  test: LabelledData,
  { classes, view }: Task,
  { batch, rowLength }: { readonly batch: number; readonly rowLength: number },
): { overall: number; within: number } {
  const data = view?.(test) ?? test;
  const length = inputLength(data);
  const samples = Array.from({ length: data.count }, (_, index) => index).filter((index) =>
    classes.includes(data.label(index)),
  );
  const everyClass = Array.from({ length: data.classes }, (_, label) => label);
  const item = { x: new Float32Array(batch * length), labels: new Int32Array(batch), size: batch };
  let [overall, within] = [0, 0];
  for (let first = 0; first < samples.length; first += batch) {
    // The last item is filled up with what was there before.
    const present = samples.slice(first, first + batch);
    present.forEach((index, place) => {
      data.read(index, item.x, place * length);
    });
    const logits = learner.predict(item);
    present.forEach((index, place) => {
      const row = logits.subarray(place * rowLength, (place + 1) * rowLength);
      if (likeliest(row, everyClass) === data.label(index)) overall++;
      if (likeliest(row, classes) === data.label(index)) within++;
    });
  }
  const percent = (count: number) => (100 * count) / Math.max(1, samples.length);
  return { overall: percent(overall), within: percent(within) };
}

function likeliest(row: Float32Array, classes: readonly number[]): number | undefined {
  let best = classes[0];
  for (const label of classes)
    if ((row[label] as number) > (row[best as number] as number)) best = label;
  return best;
}
