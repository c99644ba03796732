import type { LiveSnapshot } from "../snapshot.js";
import { type Drawn, drawnOf, type Row, roundDown, rowsOf, windowOf } from "./grid-window.js";
import { find } from "./panels.js";
import { whole } from "./words.js";

/** What kinds are called, in the order of the legend. */
const names = {
  P: "predict",
  F: "forward",
  B: "backward",
  W: "weight gradient",
  U: "update",
} as const;

/** Pixels. */
const axis = 20;
const gap = 3;
/** All rows together, where they can be that low. */
const mostHeight = 420;
/** Of a digit. */
const letter = 6.5;
const labelWidth = 58;
/** Of an update. */
const markWidth = 2;

/** Draws the newest actions: stages as rows, time as columns. */
export function showGrid({ grid, workers, stages }: LiveSnapshot): void {
  const place = find("#grid .picture");
  const actions = grid ? drawnOf(grid) : [];
  const rows = rowsOf(actions, workers, stages.length);
  const width = Math.max(1, place.clientWidth - labelWidth);
  const shown = windowOf(actions, grid?.isWhole ?? true, width);
  const height = Math.max(5, Math.min(22, Math.floor(mostHeight / rows.length) - gap));
  const picture = drawing("svg", {
    width: labelWidth + width,
    height: rows.length * (height + gap) + axis,
    role: "img",
  });
  rows.forEach((row, index) => {
    const y = index * (height + gap);
    picture.append(drawing("rect", { class: "lane", x: labelWidth, y, width, height }));
    if (height >= 10 || row.stage <= 0)
      picture.append(
        text(nameOf(row, workers > 1), { x: 0, y: y + Math.min(height, 14), class: "name" }),
      );
  });
  if (shown) {
    const scale = width / (shown.end - shown.begin);
    const x = (time: number) => labelWidth + scale * (time - shown.begin);
    const rowAt = new Map(rows.map((row, index) => [keyOf(row), index * (height + gap)]));
    // Marks of updates lie over the passes that they end.
    const isMark = ({ kind }: Drawn) => Number(kind === "U");
    for (const action of actions.toSorted((a, b) => isMark(a) - isMark(b)))
      if (action.end > shown.begin)
        drawAction(picture, action, x, rowAt.get(keyOf(action)) as number, height);
    drawTimes(
      picture,
      shown.end - shown.begin,
      { x: labelWidth, y: rows.length * (height + gap) },
      width,
    );
  }
  picture.setAttribute("aria-label", describe(actions, shown));
  place.replaceChildren(picture);
  find("#grid-time").textContent = describe(actions, shown);
  const there = new Set(actions.map(({ kind }) => kind));
  for (const entry of document.querySelectorAll<HTMLElement>("#grid .legend [data-kind]"))
    entry.hidden = entry.dataset.kind === "W" && !there.has("W");
}

const keyOf = ({ worker, stage }: Row) => `${worker}/${stage}`;

function nameOf({ worker, stage }: Row, isOneOfMany: boolean): string {
  if (worker < 0) return "predict";
  return isOneOfMany ? `w${worker} s${stage}` : `stage ${stage}`;
}

function drawAction(
  picture: SVGElement,
  action: Drawn,
  x: (time: number) => number,
  y: number,
  height: number,
): void {
  const { kind, item, start, end } = action;
  const isMark = kind === "U";
  // An update lies at the end of the pass that it belongs to.
  const left = isMark ? x(end) - markWidth : Math.max(x(start), labelWidth);
  const width = isMark ? markWidth : Math.max(1.5, x(end) - left);
  const begin = Math.max(labelWidth, Math.min(left, x(end) - width));
  const shape = drawing("rect", { class: `action ${kind}`, x: begin, y, width, height });
  const title = drawing("title", {});
  title.textContent = `${names[kind]}, item ${item}, ${timeOf(end - start)}`;
  shape.append(title);
  picture.append(shape);
  const number = `${item}`;
  if (!isMark && height >= 12 && width >= letter * number.length + 4)
    picture.append(text(number, { x: begin + width / 2, y: y + height / 2 + 4, class: "number" }));
}

/** Times before the newest action, under the rows. */
function drawTimes(
  picture: SVGElement,
  length: number,
  { x, y }: { readonly x: number; readonly y: number },
  width: number,
): void {
  const round = roundDown(length / Math.max(1, Math.floor(width / 110)));
  // Rounded down, there may be more of them than there is room for.
  const step = length / round > width / 70 ? 2.5 * round : round;
  for (let before = 0; before <= length * 1.0001; before += step) {
    const at = x + width * (1 - before / length);
    picture.append(drawing("line", { class: "tick", x1: at, x2: at, y1: 0, y2: y + 2 }));
    const anchor = before === 0 ? "end" : at < x + 20 ? "start" : "middle";
    const words = before === 0 ? "newest" : `-${timeOf(before)}`;
    picture.append(text(words, { x: at, y: y + 15, "text-anchor": anchor, class: "time" }));
  }
}

function describe(
  actions: readonly Drawn[],
  shown: { readonly begin: number; readonly end: number } | null,
): string {
  if (!shown) return "nothing was done yet";
  const there = actions.filter(({ end }) => end > shown.begin);
  const ago = -shown.end > 1e6 ? `, the newest ${timeOf(-shown.end)} ago` : "";
  return `${timeOf(shown.end - shown.begin)}, ${whole(there.length)} actions${ago}`;
}

/** @param time microseconds. */
function timeOf(time: number): string {
  if (time >= 1e6) return `${short(time / 1e6)} s`;
  if (time >= 1e3) return `${short(time / 1e3)} ms`;
  return time >= 1 ? `${short(time)} µs` : `${short(1000 * time)} ns`;
}

const short = (value: number) => Number(value.toPrecision(3)).toString();

type Attributes = Readonly<Record<string, string | number>>;

function drawing(name: string, attributes: Attributes): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, typeof value === "number" ? `${Math.round(100 * value) / 100}` : value);
  return made;
}

function text(words: string, attributes: Attributes): SVGElement {
  const made = drawing("text", attributes);
  made.textContent = words;
  return made;
}
