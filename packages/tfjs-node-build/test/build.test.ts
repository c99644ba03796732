import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkAddon } from "../src/check-addon.js";
import { findTfjsNode } from "../src/tfjs-node.js";
import { folder, placeOfAddon, realProject, write } from "./fixtures.js";

const command = fileURLToPath(new URL("../bin/ferret-tfjs-node.js", import.meta.url));
const packageOf = (project: string) => join(project, "node_modules/@tensorflow/tfjs-node");

/** The real tfjs-node without its addon; all that it needs is lent from the project that has it. */
function unbuiltProject(): string {
  const project = folder();
  const modules = join(realProject as string, "node_modules");
  mkdirSync(join(project, "node_modules", "@tensorflow"), { recursive: true });
  for (const name of readdirSync(modules).filter((name) => name !== "@tensorflow"))
    symlinkSync(join(modules, name), join(project, "node_modules", name));
  for (const name of readdirSync(join(modules, "@tensorflow")))
    if (name === "tfjs-node")
      cpSync(packageOf(realProject as string), packageOf(project), {
        recursive: true,
        filter: (path) => !path.startsWith(join(packageOf(realProject as string), "lib")),
      });
    else
      symlinkSync(
        join(modules, "@tensorflow", name),
        join(project, "node_modules", "@tensorflow", name),
      );
  return project;
}

/** With the TensorFlow that the addon of the project was built on. */
function environment(): NodeJS.ProcessEnv {
  const stamp = join(packageOf(realProject as string), "lib/napi-v8/ferret-build.json");
  const { folder: tensorFlow } = JSON.parse(readFileSync(stamp, "utf8"));
  return { ...process.env, PYTHONPATH: join(tensorFlow, ".."), FERRET_PYTHON: "python3" };
}

function build(project: string, ...words: string[]) {
  const options = { env: environment(), encoding: "utf8" } as const;
  return spawnSync(process.execPath, [command, "--project", project, ...words], options);
}

describe.skipIf(realProject === null)("ferret-tfjs-node", () => {
  it("builds what computes, once, and again when it is not what it was", () => {
    const project = unbuiltProject();
    const first = build(project);
    expect(first).toMatchObject({ status: 0 });
    expect(first.stdout).toMatch(
      /^built: @tensorflow\/tfjs-node 4\.22\.0 on TensorFlow 2\.\d+\.\d+, .*tfjs_binding\.node; ferret run --runtime node uses it\n$/,
    );
    expect(first.stderr).toMatch(/compiling tfjs_backend\.cc \(1 of 3\)[\s\S]*linking \(3 of 3\)/);
    const second = build(project);
    expect(second.stdout).toMatch(/^already built: /);
    expect(second.stderr).toBe("");
    // As tfjs-node loads it.
    const code = `const tf = require("@tensorflow/tfjs-node");
      console.log(tf.getBackend(), tf.tensor([1, 2]).square().sum().dataSync()[0]);`;
    const { stdout } = spawnSync(process.execPath, ["-e", code], {
      cwd: project,
      encoding: "utf8",
    });
    expect(stdout).toBe("tensorflow 5\n");

    const addon = join(packageOf(project), placeOfAddon);
    write(addon, "overwritten");
    expect(build(project)).toMatchObject({ status: 2 });
    expect(readFileSync(addon, "utf8")).toBe("overwritten");
  });

  it("stops at Ctrl-C and leaves nothing half written", async () => {
    const project = unbuiltProject();
    const child = spawn(process.execPath, [command, "--project", project], { env: environment() });
    let told = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      told += text;
      // Pressed again while it tidies up, and not where Node itself is about to end.
      if (told.includes("compiling") && !told.includes("stopped")) child.kill("SIGINT");
    });
    const [status] = await once(child, "close");
    expect(status).toBe(130);
    expect(told).toMatch(/ferret-tfjs-node: stopped; nothing was changed\n$/);
    expect(existsSync(join(packageOf(project), "lib"))).toBe(false);
    expect(readdirSync(packageOf(project)).filter((name) => name.startsWith(".ferret"))).toEqual(
      [],
    );
  });

  it("refuses an addon that does not load", async () => {
    const project = realProject as string;
    const addon = write(join(folder(), "tfjs_binding.node"), "no addon");
    await expect(
      checkAddon(findTfjsNode(project, "node"), addon, {
        version: "2.21.0",
        folder: "/tensorflow",
        hasCuda: false,
        python: "python3",
      }),
    ).rejects.toThrow(
      /^Expected the addon to load and to compute but it did not \(Error: .*(too short|invalid ELF header)\); it is tried with TensorFlow 2\.21, found is 2\.21\.0 in \/tensorflow$/,
    );
  });

  it("says what is wrong with its words", () => {
    const { status, stderr } = build(realProject as string, "--projct", "x");
    expect(status).toBe(2);
    expect(stderr).toBe(
      "ferret-tfjs-node: Unknown option '--projct'; see ferret-tfjs-node --help\n",
    );
    expect(build(realProject as string, "--python", "").stderr).toBe(
      "ferret-tfjs-node: Expected an interpreter for --python but received an empty text; name one, " +
        "or leave --python out\n",
    );
  });
});
