import { kernelNames, type VectorKernels } from "@ferret-ocl/compensation";
import type { Runtime, StageProgram } from "@ferret-ocl/pipeline";
import type { Machinery } from "../machinery.js";

/** A machinery that counts the time that its mathematics takes: stage programs and vector kernels. */
export interface TimedMachinery {
  readonly machinery: Machinery;
  /** Milliseconds so far. */
  mathTime(): number;
}

/** What a stage program computes by; everything else of it is as it is. */
const passes = [
  "forward",
  "backward",
  "backwardInput",
  "backwardWeights",
  "backwardUpdate",
] as const satisfies readonly (keyof StageProgram)[];

/** The same machinery, with a clock around every call that computes. */
export function timedMachinery(machinery: Machinery): TimedMachinery {
  let total = 0;
  const timed = <Values extends unknown[], Result>(compute: (...values: Values) => Result) =>
    function (this: unknown, ...values: Values): Result {
      const began = performance.now();
      const result = compute(...values);
      total += performance.now() - began;
      return result;
    };
  const { runtime, kernels } = machinery;
  const timedRuntime: Runtime = {
    name: runtime.name,
    description: runtime.description,
    layerScratchBytes: (layer, batch) => runtime.layerScratchBytes(layer, batch),
    compile(layers, batch, mode) {
      const program = runtime.compile(layers, batch, mode);
      const replaced = Object.fromEntries(
        passes.flatMap((name) => {
          const pass = program[name] as ((...values: unknown[]) => unknown) | undefined;
          return pass ? [[name, timed(pass.bind(program))]] : [];
        }),
      );
      return {
        batch: program.batch,
        parameterCount: program.parameterCount,
        savedBytes: program.savedBytes,
        pendingBytes: program.pendingBytes,
        scratchBytes: program.scratchBytes,
        dispose: () => program.dispose(),
        ...replaced,
      } as StageProgram;
    },
  };
  const timedKernels = Object.fromEntries(
    kernelNames.flatMap((name) => {
      const kernel = kernels[name] as ((...values: unknown[]) => unknown) | undefined;
      return kernel ? [[name, timed(kernel.bind(kernels))]] : [];
    }),
  ) as unknown as VectorKernels;
  return {
    machinery: { ...machinery, runtime: timedRuntime, kernels: timedKernels },
    mathTime: () => total,
  };
}
