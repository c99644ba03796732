import type { LiveCategory, LiveSnapshot, LiveStage } from "../snapshot.js";
import { bytes, milliseconds, percent, whole } from "./words.js";

export const find = <Kind extends HTMLElement>(selector: string): Kind =>
  document.querySelector(selector) as Kind;

function element(name: string, text = "", kind = ""): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind !== "") made.className = kind;
  return made;
}

/** All that is shown of a snapshot but the charts over time. */
export function showPanels(now: LiveSnapshot, rate: number | null): void {
  find("#title").textContent = now.title;
  document.title = `${now.title} · Ferret`;
  find("#warnings").replaceChildren(...now.warnings.map((text) => element("li", text)));
  showFigures(now, rate);
  showMemory(now);
  showPipeline(now.stages);
}

function showFigures(
  { score, items, dropped, latency, memory, workers, arrivalInterval }: LiveSnapshot,
  rate: number | null,
) {
  const held = memory.categories.reduce((sum, { held }) => sum + held, 0);
  const scored = (value: number) => (score?.isShare ? percent(value) : value.toPrecision(3));
  const name = score?.name ?? "accuracy";
  find("#score-name").textContent = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const figures: [string, string, string?][] = [
    [`${name}, newest`, score ? scored(score.recent) : "-"],
    [`${name}, all`, score ? scored(score.all) : "-"],
    ["items", whole(items), rate === null ? "" : `${rate.toFixed(0)} a second`],
    ["dropped", items > 0 ? percent(dropped / items) : "-", whole(dropped)],
    ["latency p99", items > 0 ? `${milliseconds(latency.p99)} ms` : "-"],
    ["memory", bytes(held), memory.budget === null ? "no limit" : `of ${bytes(memory.budget)}`],
    ["workers", whole(workers), `an item every ${milliseconds(arrivalInterval)} ms planned`],
  ];
  find("#figures").replaceChildren(
    ...figures.map(([name, value, more = ""]) => {
      const card = element("div");
      const told = element("dd", `${value} `);
      told.append(element("small", more));
      card.append(element("dt", name), told);
      return card;
    }),
  );
}

/** A bar for each category, all to one scale, and one for their sum, to that of the budget. */
function showMemory({ memory }: LiveSnapshot): void {
  const there = memory.categories.filter(({ planned, held }) => planned > 0 || held > 0);
  const largest = Math.max(1, ...there.map(({ planned, held }) => Math.max(planned, held)));
  const sumOf = (of: (category: LiveCategory) => number) =>
    there.reduce((sum, category) => sum + of(category), 0);
  const all = {
    name: "all",
    planned: sumOf(({ planned }) => planned),
    held: sumOf(({ held }) => held),
    used: sumOf(({ held, used }) => used ?? held),
  };
  const most = Math.max(1, all.planned, all.held, memory.budget ?? 0);
  const sum = memoryRow(all, most);
  sum.classList.add("sum");
  find("#categories").replaceChildren(...there.map((one) => memoryRow(one, largest)), sum);
}

/** @param full bytes of a bar that is full. */
function memoryRow(category: LiveCategory, full: number): HTMLElement {
  const { name, planned, held, used = held } = category;
  const row = element("div", "", `row${held > planned ? " over" : ""}`);
  const bar = element("span", "", "bar");
  for (const [kind, bytes] of [
    ["aside", held],
    ["used", used],
    ["planned", planned],
  ] as const) {
    const part = element("i", "", kind);
    part.style.width = `${(100 * bytes) / full}%`;
    bar.append(part);
  }
  bar.title = `${whole(used)} bytes in use at most, ${whole(held)} set aside, ${whole(planned)} planned`;
  const words =
    held === planned && used < held
      ? `${bytes(used)} of ${bytes(held)}`
      : held === planned
        ? bytes(held)
        : `${bytes(held)}, plan ${bytes(planned)}`;
  row.append(element("span", name), bar, element("span", words));
  return row;
}

const columns: readonly [string, (stage: LiveStage, index: number) => string][] = [
  ["stage", (_, index) => `${index}`],
  ["layers", ({ layers }) => layers],
  ["in flight, at most", ({ inFlight }) => whole(inFlight)],
  ["versions", ({ versions }) => `${versions.held} of ${versions.slots}`],
  ["staleness", ({ staleness }) => staleness.toFixed(2)],
  ["updates", ({ updates }) => whole(updates)],
  ["refused", ({ refused }) => whole(refused)],
];
/** More than that are no picture any more. */
const mostCells = 24;

function showPipeline(stages: readonly LiveStage[]): void {
  const head = element("tr");
  head.append(...columns.map(([name]) => element("th", name)));
  find("#pipeline thead").replaceChildren(head);
  find("#pipeline tbody").replaceChildren(
    ...stages.map((stage, index) => {
      const row = element("tr");
      for (const [name, of] of columns) {
        const cell = element("td", of(stage, index));
        if (name === "layers") cell.title = stage.layers;
        if (name === "versions" && stage.versions.slots <= mostCells) {
          const cells = element("span", "", "cells");
          for (let slot = 0; slot < stage.versions.slots; slot += 1)
            cells.append(element("i", "", slot < stage.versions.held ? "on" : ""));
          cell.prepend(cells);
        }
        row.append(cell);
      }
      return row;
    }),
  );
}
