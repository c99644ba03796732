import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PageServer } from "./page-server.js";

// Debian's; where there is none, what the page does in a browser is not tested.
const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath === undefined)
  console.log("No Chromium was found: the live page is not tested.");

describe.skipIf(executablePath === undefined)("the live page", () => {
  let browser: Browser;
  let page: Page;
  let server: PageServer;
  const faults: string[] = [];
  const figure = async (name: string) =>
    (await page.locator("#figures div", { hasText: name }).locator("dd").textContent()) ?? "";
  const items = async () => Number.parseInt((await figure("items")).replaceAll(",", ""), 10);

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ["--no-sandbox"],
    });
    server = await PageServer.start();
    page = await browser.newPage({ viewport: { width: 380, height: 800 } });
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) faults.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${server.port}/`);
    await page.locator("#figures div").first().waitFor();
  });

  afterAll(async () => {
    await server.stop();
    await browser.close();
  });

  it("shows what goes on, without being asked again", async () => {
    const before = await items();
    await expect.poll(items).toBeGreaterThan(before + 20);
    expect(await page.locator("#state").textContent()).toBe("live");
    const { learner } = server.service;
    expect(await page.title()).toBe(`mlp, ${learner.compensation} · Ferret`);
    const { stageCount, memory } = learner.plan;
    expect(await page.locator("#pipeline tbody tr").count()).toBe(stageCount);
    const used = Object.entries(memory.byCategory).filter(([, bytes]) => bytes > 0);
    const rows = await page.locator("#categories .row span:first-child").allTextContents();
    expect(rows).toEqual([...used.map(([name]) => name), "waiting", "all"]);
    expect(await page.locator("canvas").count()).toBe(3);
  });

  it("is no wider than a phone, nor than a screen", async () => {
    for (const width of [380, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(width);
    }
  });

  it("changes the budget, and says why where it cannot", async () => {
    const { service } = server;
    const least = service.learner.plan.memory.total + service.waiting.plannedBytes;
    await page.locator("#budget").fill("1KiB");
    await page.getByRole("button", { name: "Plan anew" }).click();
    await expect.poll(() => page.locator("#answer").textContent()).toMatch(/^Expected /);
    expect(service.memoryBudget).toBe(null);
    await page.locator("#budget").fill(`${least}`);
    await page.getByRole("button", { name: "Plan anew" }).click();
    await expect.poll(() => page.locator("#answer").textContent()).toBe("The new plan is at work");
    expect(service.memoryBudget).toBe(least);
    await expect.poll(() => figure("memory")).toContain("of ");
    await page.getByRole("button", { name: "half" }).click();
    expect(await page.locator("#budget").inputValue()).toBe(`${Math.round(least / 2)}`);
  });

  it("survives a restart of the server", async () => {
    const { port } = server;
    await server.stop();
    await expect.poll(() => page.locator("#state").textContent()).not.toBe("live");
    server = await PageServer.start({ port });
    await expect.poll(() => page.locator("#state").textContent(), { timeout: 10_000 }).toBe("live");
    const before = await items();
    await expect.poll(items).toBeGreaterThan(before);
  });

  it("asks for the token where there is one, and shows nothing before", async () => {
    const closed = await PageServer.start({ token: "secret" });
    const other = await browser.newPage();
    await other.goto(`http://127.0.0.1:${closed.port}/`);
    await other.locator("#token").fill("secret");
    expect(await other.locator("#figures div").count()).toBe(0);
    await other.getByRole("button", { name: "Open" }).click();
    await other.locator("#figures div").first().waitFor();
    expect(await other.locator("#state").textContent()).toBe("live");
    await other.close();
    await closed.stop();
  });

  it("asks nothing of anybody else, and makes no error", () => {
    expect(faults).toEqual([]);
  });
});
