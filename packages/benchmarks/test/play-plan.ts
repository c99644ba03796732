import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { parseModel, profileModel, type TimedAction } from "@ferret-ocl/pipeline";
import {
  createVirtualLearner,
  Ledger,
  loadNativeRuntime,
  loadTfjsRuntime,
} from "@ferret-ocl/pipeline/engine";
import type { Plan, Profile } from "@ferret-ocl/planner";

const [batch, inputLength, classes] = [2, 8, 3];
const dense = (config: object) => ({ class_name: "Dense", config });
const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      dense({ units: 12, activation: "relu", batch_input_shape: [null, inputLength] }),
      dense({ units: 10, activation: "relu" }),
      dense({ units: 8, activation: "relu" }),
      dense({ units: classes }),
    ],
  },
});

const parameterCount = 12 * (inputLength + 1) + 10 * 13 + 8 * 11 + classes * 9;

/** A small model of four layers, to be played on the virtual clock with any times. */
export async function playedModel() {
  const runtime = await loadNativeRuntime().catch(() => loadTfjsRuntime(["cpu"]));
  const counted = profileModel({ model, runtime, batch, timing: "model" });
  return {
    /** @param times of the layers' forward passes, ms; a backward pass takes twice as long. */
    profileOf(times: readonly number[]): Profile {
      const layers = counted.layers.map((layer, index) => ({
        ...layer,
        forwardTime: times[index] as number,
        backwardTime: 2 * (times[index] as number),
      }));
      const sequentialTime = layers.reduce(
        (sum, each) => sum + each.forwardTime + each.backwardTime,
        0,
      );
      return { ...counted, layers, sequentialTime };
    },
    /** Everything that the virtual engine does on a plan, and what it counts. */
    play(
      profile: Profile,
      planned: Plan,
      itemCount: number,
      unitSpeeds?: readonly number[],
      compensation = "none",
    ) {
      const algorithm = createAlgorithm(
        "vanilla",
        { batch, inputLength, classes, parameterCount },
        { seed: 1 },
      );
      const actions: TimedAction[] = [];
      const learner = createVirtualLearner({
        model,
        profile,
        plan: planned,
        unitSpeeds,
        runtime,
        ledger: new Ledger(planned.memory.total),
        algorithm,
        compensator: createCompensator(compensation),
        kernels: referenceKernels,
        learningRate: 0.01,
        seed: 1,
        onAction: (action) => actions.push(action),
      });
      const item = {
        x: new Float32Array(batch * inputLength).fill(1),
        labels: new Int32Array(batch),
        size: batch,
      };
      for (let index = 0; index < itemCount; index++) learner.observe(item);
      learner.finish();
      const metrics = learner.metrics();
      learner.dispose();
      return { ...metrics, actions };
    },
  };
}
