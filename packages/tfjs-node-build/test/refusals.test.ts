import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { buildTfjsNode, InputError } from "../src/index.js";
import {
  folder,
  placeOfAddon,
  projectWith,
  pythonWith,
  wholeTensorFlow,
  write,
} from "./fixtures.js";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const inPackage = join("node_modules", "@tensorflow", "tfjs-node");

async function refusal(options: Parameters<typeof buildTfjsNode>[0]): Promise<string> {
  const error = await buildTfjsNode(options).then(
    () => expect.fail("it was built"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as Error).message;
}

describe.skipIf(process.platform !== "linux" || !hasPython)("a build is refused", () => {
  beforeEach(() => {
    vi.stubEnv("FERRET_PYTHON", "");
    vi.stubEnv("PYTHONPATH", "");
    return () => vi.unstubAllEnvs();
  });

  it("without tfjs-node", async () => {
    const project = folder();
    expect(await refusal({ project })).toBe(
      `Expected @tensorflow/tfjs-node in the project ${project} but it is not installed; run npm ` +
        "install --ignore-scripts @tensorflow/tfjs-node@4.22.0 there, or name another folder with " +
        "--project",
    );
    expect(await refusal({ project, target: "node-gpu" })).toContain(
      "npm install --ignore-scripts @tensorflow/tfjs-node-gpu@4.22.0",
    );
  });

  it.each(["3.21.0", "4.9.0", "5.0.0"])("for tfjs-node %s", async (version) => {
    expect(await refusal({ project: projectWith(version) })).toMatch(
      /^Expected @tensorflow\/tfjs-node 4\.22 or a later 4 but received [\d.]+ in .*; run npm install/,
    );
  });

  it("without Python", async () => {
    const project = projectWith("4.22.0");
    expect(await refusal({ project, python: "no-such-python" })).toBe(
      "Expected Python with TensorFlow but no-such-python does not run (spawn no-such-python ENOENT); " +
        "install Python and tensorflow-cpu, or name an interpreter with --python or FERRET_PYTHON",
    );
    vi.stubEnv("PATH", folder());
    expect(await refusal({ project })).toContain("but found neither python3 nor python; install");
  });

  it("without TensorFlow", async () => {
    const python = write(join(folder(), "python"), "");
    expect(await refusal({ project: projectWith("4.22.0"), python })).toContain("does not run");
    // Without its site packages this interpreter has none, whatever is installed.
    const bare = pythonWith({});
    spawnSync("rm", ["-r", join(bare, "..", "tensorflow")]);
    vi.stubEnv("FERRET_PYTHON", bare);
    expect(await refusal({ project: projectWith("4.22.0") })).toBe(
      `Expected Python with TensorFlow but ${bare} has none; run ${bare} -m pip install ` +
        "tensorflow-cpu, or name another interpreter with --python or FERRET_PYTHON",
    );
  });

  it("on a TensorFlow that is too old", async () => {
    const python = pythonWith({});
    expect(await refusal({ project: projectWith("4.22.0"), python })).toMatch(
      /^Expected libtensorflow_cc\.so\.2 in TensorFlow but 2\.9\.1 in .* is too old to have it; install TensorFlow 2\.21 with /,
    );
  });

  it("for a GPU on a TensorFlow without CUDA", async () => {
    const project = projectWith("4.22.0", "@tensorflow/tfjs-node-gpu");
    const python = pythonWith(wholeTensorFlow);
    expect(await refusal({ project, python, target: "node-gpu" })).toMatch(
      /^Expected TensorFlow with CUDA for node-gpu but 2\.9\.1 in .* is built without; run .* -m pip install "tensorflow\[and-cuda\]", or build for node$/,
    );
    const withCuda = pythonWith({
      ...wholeTensorFlow,
      "python/platform/build_info.py": "build_info = {'is_cuda_build': True}\n",
    });
    // The next thing that is looked at.
    vi.stubEnv("CXX", "no-such-compiler");
    expect(await refusal({ project, python: withCuda, target: "node-gpu" })).toBe(
      "Expected a C++ compiler but CXX names no-such-compiler, which does not run; name another one",
    );
  });

  it("where the addon of another stands, unless it may be replaced", async () => {
    const project = projectWith("4.22.0");
    const addon = write(join(project, inPackage, placeOfAddon), "downloaded");
    const python = pythonWith(wholeTensorFlow);
    expect(await refusal({ project, python })).toBe(
      `Expected no addon of another's making but found ${addon}; pass --force to replace it`,
    );
    expect(await refusal({ project, python, force: true })).toMatch(/^Expected the compiler to/);
  });

  it("where the compiler fails, and leaves nothing behind", async () => {
    const project = projectWith("4.22.0");
    expect(await refusal({ project, python: pythonWith(wholeTensorFlow) })).toMatch(
      /^Expected the compiler to compile tfjs_binding\.cc but it failed \(.*nothing_of_this_name.*\); it is tried with TensorFlow 2\.21, found is 2\.9\.1$/,
    );
    expect(readdirSync(join(project, inPackage)).sort()).toEqual(
      ["binding", "node_modules", "package.json"].sort(),
    );
  });

  it("for what is no runtime", async () => {
    expect(await refusal({ target: "wasm" as "node" })).toBe(
      'Expected node or node-gpu for target but received "wasm"',
    );
  });
});
