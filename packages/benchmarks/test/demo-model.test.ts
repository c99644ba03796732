import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ferret } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-demo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("shows a model without native programs that they can run in a minute, and says so", async () => {
  const words = ["demo", "--runtime", "wasm", "--items", "2", "--json"];
  const [chosen, named] = await Promise.all([
    ferret(words, { cwd: folder }),
    ferret([...words, "--model", "mlp"], { cwd: folder }),
  ]);
  const models = ({ stdout }: { stdout: string }) =>
    new Set(JSON.parse(stdout).map(({ model }: { model: string }) => model));
  expect(models(chosen)).toEqual(new Set(["mlp"]));
  expect(chosen.stderr).toContain("--model mlp, as mnistnet takes");
  // Who names it is told nothing.
  expect(models(named)).toEqual(new Set(["mlp"]));
  expect(named.stderr).not.toContain("--model mlp");
});
