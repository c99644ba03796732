import { isMainThread } from "node:worker_threads";
import type { VectorKernels } from "@ferret-ocl/compensation";
import type { LoadedKernels, NativePrograms, NativeStageLayer } from "@ferret-ocl/kernels-cuda";
import { InputError } from "../errors.js";
import { activationOf, type Layer, type LayerConfiguration } from "../model/layer.js";
import { pendingBytes } from "../model/pending.js";
import { reach, type Shape, slideImage } from "../model/shape.js";
import { savedBytes, scratchBytes } from "../model/stage.js";
import type { ProgramMode, Runtime, StageProgram } from "./contract.js";

/**
 * Describes a layer in the terms of the native programs: its configuration, with shapes and with
 * Keras' padding worked out.
 */
function describe(layer: Layer): NativeStageLayer {
  const { configuration, inputShape, outputShape } = layer;
  const common = { inputShape, outputShape, activation: activationOf(layer) };
  if (configuration.kind === "residual") {
    const { kind, main, shortcut } = configuration;
    return { ...common, kind, main: main.map(describe), shortcut: shortcut.map(describe) };
  }
  return {
    ...configuration,
    ...common,
    ...("useBias" in configuration ? { bias: configuration.useBias } : {}),
    ...("padding" in configuration ? describeWindow(configuration, inputShape) : {}),
  };
}

function describeWindow(
  configuration: Extract<LayerConfiguration, { readonly padding: unknown }>,
  inputShape: Shape,
) {
  const { strides, padding } = configuration;
  const isPooling = "poolSize" in configuration;
  const kernel = isPooling ? configuration.poolSize : configuration.kernelSize;
  const window = isPooling ? kernel : reach(kernel, configuration.dilations);
  const { before, after } = slideImage(inputShape, window, strides, padding);
  return { kernel, strides, before, after };
}

/** Stage programs on oneDNN through `@ferret-ocl/kernels-cuda`. */
class NativeRuntime implements Runtime {
  readonly name = "native";
  readonly description: string;
  readonly #programs: NativePrograms;
  readonly #layerScratch = new Map<string, number>();

  constructor(programs: NativePrograms) {
    this.#programs = programs;
    this.description = `native programs on oneDNN ${programs.oneDnn}, ${programs.instructionSet}`;
  }

  layerScratchBytes(layer: Layer, batch: number): number {
    const key = JSON.stringify([layer.configuration, layer.inputShape, batch]);
    let bytes = this.#layerScratch.get(key);
    if (bytes === undefined) {
      bytes = this.#programs.compile([describe(layer)], batch).operationScratchBytes;
      this.#layerScratch.set(key, bytes);
    }
    return bytes;
  }

  compile(layers: readonly Layer[], batch: number, mode: ProgramMode = "learn"): StageProgram {
    const program = this.#programs.compile(layers.map(describe), batch, mode);
    const planned = {
      saved: mode === "learn" ? savedBytes(layers, batch) : 0,
      pending: mode === "learn" ? pendingBytes(layers, batch) : 0,
      scratch: scratchBytes(
        layers,
        batch,
        layers.map((layer) => this.layerScratchBytes(layer, batch)),
      ),
    };
    // The planner counts from shapes alone; a program that needs other sizes would break its
    // promise.
    const { saved, pending, scratch } = planned;
    if (
      program.savedBytes !== saved ||
      program.pendingBytes !== pending ||
      program.scratchBytes > scratch
    )
      throw new Error(
        `Expected a stage of ${saved} saved, ${pending} pending and ${scratch} scratch bytes but ` +
          `the native program needs ${program.savedBytes}, ${program.pendingBytes} and ` +
          `${program.scratchBytes}`,
      );
    return {
      batch,
      parameterCount: program.parameterCount,
      savedBytes: saved,
      pendingBytes: pending,
      scratchBytes: scratch,
      forward: program.forward,
      backward: program.backward,
      backwardInput: program.backwardInput,
      backwardWeights: program.backwardWeights,
      backwardUpdate: program.backwardUpdate,
      dispose() {},
    };
  }
}

/**
 * Loads the native runtime.
 * @throws InputError with the remedy if the optional peer or its native build is missing.
 */
export async function loadNativeRuntime(): Promise<Runtime> {
  const { programs, report } = await loadNative();
  if (!programs) {
    const rejected = report.rejected.filter(({ candidate }) => candidate !== "cuda"); // has none anyway
    const reasons = rejected.map(({ candidate, reason }) => `${candidate}: ${reason}`);
    throw new InputError(
      `Expected native stage programs but none can be used (${reasons.join("; ")}): ` +
        `${rejected.at(-1)?.remedy}; or use the tfjs runtime`,
    );
  }
  return new NativeRuntime(programs);
}

/**
 * The vector kernels of the optional peer, native if its binary can be used.
 * @throws InputError with the remedy if the optional peer is missing.
 */
export async function loadNativeVectorKernels(): Promise<VectorKernels> {
  return (await loadNative()).kernels;
}

async function loadNative(): Promise<LoadedKernels> {
  let kernels: typeof import("@ferret-ocl/kernels-cuda");
  try {
    kernels = await import("@ferret-ocl/kernels-cuda");
  } catch (error) {
    throw new InputError(
      "Expected the package @ferret-ocl/kernels-cuda for the native runtime but it cannot be " +
        `loaded (${(error as Error).message}); install it or use the tfjs runtime`,
    );
  }
  // Only the first thread of a process tries a binary in a child process.
  return kernels.loadKernels({ probe: isMainThread });
}
