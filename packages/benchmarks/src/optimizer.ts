import type { VectorKernels } from "@ferret-ocl/compensation";
import { createOptimizer, type Optimizer } from "@ferret-ocl/pipeline";
import { inOwnWords } from "./own-words.js";
import type { RunSetting } from "./setting.js";

type OptimizerSetting = Pick<RunSetting, "optimizer" | "optimizerOptions">;

/** The setting's optimizer by name with its options, as `createOptimizer` takes them first. */
export function optimizerArguments({
  optimizer = "sgd",
  optimizerOptions = {},
}: OptimizerSetting): [name: string, options: Readonly<Record<string, unknown>>] {
  return [optimizer, { ...optimizerOptions }];
}

/** @throws InputError where an option is unknown to the optimizer or out of its range. */
export function optimizerOf(setting: OptimizerSetting, kernels: VectorKernels): Optimizer {
  const [name, options] = optimizerArguments(setting);
  try {
    return createOptimizer(name, options, kernels);
  } catch (error) {
    const words = Object.entries(options).map(([option, value]) => [
      option,
      { option: `${option} of --optimizer-options`, received: String(value) },
    ]);
    throw inOwnWords(error, Object.fromEntries(words));
  }
}
