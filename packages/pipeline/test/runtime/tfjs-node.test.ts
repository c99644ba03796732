import { once } from "node:events";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { loadNativeRuntime, loadTfjsRuntime } from "../../src/engine.js";
import { createLearner, InputError, parseModel, type Runtime } from "../../src/index.js";
import { tfjsNodeProject } from "../tfjs-node-project.js";
import { type Case, kinds } from "./runtime-cases.js";
import { betweenRuntimes, expectSame } from "./runtime-expect.js";
import { type Passes, passes } from "./runtime-passes.js";
import { tf } from "./tape.js";

/** The engine as it is built: a thread starts from JavaScript. */
const engine = new URL("../../dist/engine.js", import.meta.url).href;

/** What a runtime makes of a case; null where it has no such layers. */
function passesOf(runtime: Runtime, each: Case, cut: number): Passes | null {
  try {
    runtime.compile(parseModel(each.specification).layers, each.batch).dispose();
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
  return passes(runtime, each, cut);
}

describe.skipIf(tfjsNodeProject === null)("tfjs-node on TensorFlow", () => {
  let node: Runtime;
  let wasm: Runtime;
  let native: Runtime | null;
  beforeAll(async () => {
    vi.stubEnv("FERRET_TFJS_NODE", tfjsNodeProject as string);
    wasm = await loadTfjsRuntime(["wasm"]);
    node = await loadTfjsRuntime(["node"]);
    native = await loadNativeRuntime().catch((error: Error) => {
      if (!(error instanceof InputError)) throw error;
      return null;
    });
  });

  it("says which TensorFlow computes", () => {
    expect(node.description).toMatch(
      /^tfjs [\d.]+ on its node backend \(TensorFlow 2\.\d+\.\d+\)$/,
    );
    expect(tf.getBackend()).toBe("tensorflow");
  });

  it.each(kinds)("gives the same of %s as wasm and as the native programs", (_, cases) => {
    const drawn = fc.sample(fc.tuple(cases, fc.nat()), { numRuns: 12, seed: 13 });
    for (const [each, cut] of drawn) {
      const ours = passes(node, each, cut);
      expectSame(ours, passes(wasm, each, cut), betweenRuntimes);
      const theirs = native && passesOf(native, each, cut);
      if (theirs) expectSame(ours, theirs, betweenRuntimes);
    }
  });

  it("leaves no tensors behind", () => {
    const drawn = kinds.flatMap(([, cases]) => fc.sample(cases, { numRuns: 1, seed: 3 }));
    for (const each of drawn) passes(node, each, 1);
    const before = tf.memory().numTensors;
    for (const each of drawn) passes(node, each, 1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("stays on its backend when another one is loaded", async () => {
    const [[, cases]] = kinds as [(typeof kinds)[number]];
    const [each] = fc.sample(cases, { numRuns: 1, seed: 3 }) as [Case];
    const program = node.compile(parseModel(each.specification).layers, each.batch);
    const run = () => {
      const [input, output] = [each.batch * program.parameterCount + 4096, 4096].map(
        (length) => new Float32Array(length),
      ) as [Float32Array, Float32Array];
      const parameters = new Float32Array(program.parameterCount);
      program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
      return tf.getBackend();
    };
    expect(run()).toBe("tensorflow");
    await loadTfjsRuntime(["cpu"]);
    expect(tf.getBackend()).toBe("cpu");
    expect(run()).toBe("tensorflow");
    program.dispose();
  });

  it("is one backend of TensorFlow in a process", async () => {
    await expect(loadTfjsRuntime(["node-gpu"])).rejects.toThrow(
      "node-gpu: Expected one backend of TensorFlow in a process but node is loaded and node-gpu " +
        "was asked for; start another process for it",
    );
    // Asked for in order of preference, that is no reason to do without the one that is loaded.
    const { description } = await loadTfjsRuntime(["node-gpu", "node"]);
    expect(description).toMatch(/on its node backend/);
  });

  it("is refused in a second thread of a process", async () => {
    const worker = new Worker(
      `import { parentPort } from "node:worker_threads";
      const { loadTfjsRuntime } = await import(${JSON.stringify(engine)});
      await loadTfjsRuntime(["node"]).then(
        () => parentPort.postMessage("loaded"),
        (error) => parentPort.postMessage(error.message));`,
      { eval: true, execArgv: ["--input-type=module"], env: { ...process.env } },
    );
    const [message] = await once(worker, "message");
    await worker.terminate();
    expect(message).toContain(
      "node: Expected node in one thread of a process but another thread has loaded tfjs-node; use " +
        "it there, or start another process",
    );
  });

  it("is refused where several threads compute", async () => {
    const learner = createLearner({
      model: "mlp",
      inputShape: [4],
      classes: 2,
      runtime: "node",
      clock: { kind: "threads", count: 2 },
    });
    await expect(learner).rejects.toThrow(
      'Expected wasm or cpu, which threads can share, for backends but received "node" of type ' +
        "string; tfjs-node works in one thread of a process, so run it on the virtual clock",
    );
  });
});
