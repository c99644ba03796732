import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PageServer } from "./page-server.js";

// Debian's; where there is none, what the page does in a browser is not tested.
const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath === undefined)
  console.log("No Chromium was found: the live page is not tested.");

/** An element, as far as it is looked at here. */
interface Styled {
  readonly style: { readonly width: string };
}

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

  it("draws what stages do now, by kind, with the items", async () => {
    const { learner } = server.service;
    const { stageCount, workerCount } = learner.plan;
    const count = (kind: string) => page.locator(`#grid .action.${kind}`).count();
    for (const kind of ["P", "F", "B", "U"])
      await expect.poll(() => count(kind), { message: kind }).toBeGreaterThan(0);
    expect(await page.locator("#grid .name").allTextContents()).toEqual([
      "predict",
      ...Array.from({ length: stageCount * workerCount }, (_, stage) => `stage ${stage}`),
    ]);
    const newest = async () => {
      const titles = await page.locator("#grid .action.B title").allTextContents();
      return Number(/^backward, item (\d+), /.exec(titles.at(-1) ?? "")?.[1]);
    };
    const before = await newest();
    await expect.poll(newest).toBeGreaterThan(before);
    const legend = await page.locator("#grid .legend span:visible").allTextContents();
    expect(legend).toEqual(["predict", "forward", "backward", "update"]);
    const colours = await page.evaluate(
      `["P", "F", "B", "U"].map((kind) => getComputedStyle(document.querySelector("#grid .action." + kind)).fill)`,
    );
    expect(new Set(colours as string[]).size).toBe(4);
    // Nothing lies outside the picture.
    const outside = await page.evaluate(`(() => {
      const { left, right } = document.querySelector("#grid svg").getBoundingClientRect();
      return [...document.querySelectorAll("#grid .action")].filter((action) => {
        const own = action.getBoundingClientRect();
        return own.left < left + 57 || own.right > right + 1;
      }).length;
    })()`);
    expect(outside).toBe(0);
  });

  it("shows memory in use against what is set aside, to one scale", async () => {
    const bar = async (name: string, kind: string) =>
      page
        .locator("#categories .row", { has: page.locator(`span:text-is("${name}")`) })
        .locator(`.bar .${kind}`)
        .evaluate((part) => Number.parseFloat((part as unknown as Styled).style.width));
    const { memory } = server.service.learner.plan;
    const { plannedBytes } = server.service.waiting;
    const largest = Math.max(...Object.values(memory.byCategory), plannedBytes);
    for (const kind of ["used", "aside", "planned"])
      expect(await bar("scratch", kind)).toBeCloseTo(
        (100 * memory.byCategory.scratch) / largest,
        2,
      );
    expect(await bar("waiting", "used")).toBe(0);
    expect(await bar("waiting", "aside")).toBeCloseTo((100 * plannedBytes) / largest, 2);
    const { waiting } = server.service;
    await server.service.predict(new Float32Array(8));
    await expect
      .poll(() => bar("waiting", "used"))
      .toBeCloseTo((100 * Math.round(plannedBytes / waiting.room)) / largest, 2);
  });

  it("is no wider than a phone, nor than a screen", async () => {
    for (const width of [380, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(width);
    }
  });

  /** The most pixels of a column of a chart that have the colour of its marks. */
  const marked = () =>
    page.evaluate(`(() => {
      const canvas = document.querySelector("#drops canvas");
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const counts = new Array(width).fill(0);
      for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] > 200 && data[at] < 50 && data[at + 1] < 50 && data[at + 2] < 50)
          counts[(at / 4) % width] += 1;
      return Math.max(...counts);
    })()`);

  it("changes the budget, and says why where it cannot", async () => {
    const { service } = server;
    const least = service.learner.plan.memory.total + service.waiting.plannedBytes;
    await page.locator("#budget").fill("1KiB");
    await page.getByRole("button", { name: "Re-plan" }).click();
    await expect.poll(() => page.locator("#answer").textContent()).toMatch(/^Expected /);
    expect(service.memoryBudget).toBe(null);
    await page.locator("#budget").fill(`${least}`);
    expect(await marked()).toBeLessThan(10);
    await page.getByRole("button", { name: "Re-plan" }).click();
    await expect.poll(() => page.locator("#answer").textContent()).toBe("The new plan is at work");
    expect(service.memoryBudget).toBe(least);
    await expect.poll(() => figure("memory")).toContain("of ");
    // A line down the chart, half of it dashes.
    await expect.poll(marked).toBeGreaterThan(50);
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
