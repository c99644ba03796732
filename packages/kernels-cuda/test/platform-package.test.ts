// The package of a platform as npm puts it beside this one, with the binary that was built for this
// machine in place of a portable one.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const release = join(root, "build", "Release");
const require = createRequire(import.meta.url);
const isBuilt = ["kernels_cpu.node", "kernels_isa.node"].every((name) =>
  existsSync(join(release, name)),
);
const supported: string[] = isBuilt ? require(join(release, "kernels_isa.node")).supported : [];
const set: string = isBuilt
  ? require(join(release, "kernels_cpu.node")).features.instructionSet
  : "";

const folder = mkdtempSync(join(tmpdir(), "ferret-platform-"));
const modules = join(folder, "node_modules", "@ferret-ocl");
const name = `kernels-${process.platform}-${process.arch}`;
const packed = join(modules, name, `kernels_cpu-${set}.node`);
const built = join(modules, "kernels-cuda", "build", "Release", "kernels_cpu.node");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What loadKernels reports there, or the message of what it throws. */
function load(environment: Record<string, string> = {}) {
  const code = `
    try { console.log(JSON.stringify(require("@ferret-ocl/kernels-cuda").loadKernels().report)); }
    catch ({ message }) { console.log(JSON.stringify({ message })); }`;
  const { FERRET_ISA: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ["-e", code], {
    cwd: folder,
    encoding: "utf8",
    env: { ...env, ...environment },
  });
  return JSON.parse(stdout);
}

it.skipIf(!isBuilt)("a processor has what was built for it", () => {
  expect(supported).toContain(set);
  const all = process.arch === "x64" ? ["avx512", "avx2", "sse41"] : ["neon"];
  // Each set includes those after it.
  expect(supported).toEqual(all.slice(all.indexOf(supported[0]!)));
});

describe.skipIf(!isBuilt)("the package of a platform", () => {
  beforeAll(() => {
    for (const each of ["kernels-cuda", "compensation"]) {
      const source = join(root, "..", each);
      cpSync(join(source, "dist"), join(modules, each, "dist"), { recursive: true });
      copyFileSync(join(source, "package.json"), join(modules, each, "package.json"));
    }
    mkdirSync(join(modules, name));
    writeFileSync(join(modules, name, "package.json"), "{}");
    copyFileSync(join(release, "kernels_isa.node"), join(modules, name, "kernels_isa.node"));
    copyFileSync(join(release, "kernels_cpu.node"), packed);
  });

  it("brings the binary of the best instruction set", () => {
    expect(load()).toMatchObject({ chosen: "cpu", instructionSet: set, binary: packed });
  });

  it("is refused for a set that it has no binary for, that is unknown or that is missing", () => {
    const other = supported.find((each) => each !== set);
    if (other !== undefined)
      expect(load({ FERRET_ISA: other }).message).toMatch(
        new RegExp(`^Expected a binary of the kernels for FERRET_ISA=${other} but found none \\(`),
      );
    expect(load({ FERRET_ISA: "mmx" }).message).toMatch(/for FERRET_ISA but received mmx$/);
  });

  it("comes after a binary that was built here, unless FERRET_ISA names a set", () => {
    mkdirSync(join(built, ".."), { recursive: true });
    copyFileSync(join(release, "kernels_cpu.node"), built);
    expect(load()).toMatchObject({ chosen: "cpu", binary: built });
    expect(load({ FERRET_ISA: set })).toMatchObject({ chosen: "cpu", binary: packed });
  });

  it("serves where the binary that was built here does not load, and the other way round", () => {
    writeFileSync(built, "no binary");
    const { binary, rejected } = load();
    expect(binary).toBe(packed);
    expect(rejected[0]).toMatchObject({ candidate: "cpu", reason: expect.stringContaining(built) });
    expect(rejected[0].remedy).not.toContain(`install @ferret-ocl/${name}`);

    copyFileSync(join(release, "kernels_cpu.node"), built);
    writeFileSync(packed, "no binary");
    expect(load({ FERRET_ISA: set })).toMatchObject({ chosen: "cpu", binary: built });
  });

  it("is named by the remedy where it is missing", () => {
    rmSync(built);
    rmSync(join(modules, name), { recursive: true });
    const { chosen, binary, rejected } = load();
    expect([chosen, binary]).toEqual(["reference", null]);
    const isOffered = ["linux-x64", "linux-arm64", "darwin-arm64"].includes(name.slice(8));
    const { header } = process.report.getReport() as { header: Record<string, unknown> };
    if (isOffered && (process.platform !== "linux" || header.glibcVersionRuntime !== undefined))
      expect(rejected[0].remedy).toContain(`install @ferret-ocl/${name}, which npm`);
    expect(rejected[0].remedy).toContain(
      `npm --prefix ${join(modules, "kernels-cuda")} run build:native`,
    );
  });
});
