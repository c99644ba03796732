import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ferret } from "./command.js";

const folder = mkdtempSync(join(tmpdir(), "ferret-demo-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("shows a model without native programs that they can run in a minute, and says so", async () => {
  const words = ["demo", "--runtime", "wasm", "--items", "2", "--json"];
  const { stdout, stderr } = await ferret(words, { cwd: folder });
  const models = JSON.parse(stdout).map(({ model }: { model: string }) => model);
  expect(new Set(models)).toEqual(new Set(["mlp"]));
  expect(stderr).toContain("--model mlp, as mnistnet takes");
});
