import { escapeHtml } from "../../../report/format.js";

/** Pixels that a chart of the suite is drawn in, before the page scales it. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** Pixels between the axes and the chart's edges. */
  readonly grid: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
}

const bottom = 46;
const wide: ChartSize = {
  width: 680,
  height: 400,
  grid: { left: 56, right: 16, top: 12, bottom },
};
const narrow: ChartSize = {
  width: 360,
  height: 330,
  grid: { left: 48, right: 10, top: 12, bottom },
};

/**
 * A chart with its caption, drawn for wide and for narrow screens, so that its letters are legible on both.
 * @param caution what is to be said of this chart; empty: nothing.
 */
export function figure(
  caption: string,
  caution: string,
  drawAt: (size: ChartSize) => string,
): string {
  const told = caution === "" ? "" : ` <span>${escapeHtml(caution)}</span>`;
  const label = escapeHtml(caption);
  return [
    `<figure class="figure"><figcaption>${label}${told}</figcaption>`,
    `<div class="wide" role="img" aria-label="${label}">${drawAt(wide)}</div>`,
    `<div class="narrow" role="img" aria-label="${label}">${drawAt(narrow)}</div>`,
    "</figure>",
  ].join("\n");
}

/** Several of them, beside each other where there is room. */
export const figures = (all: readonly string[]): string =>
  `<div class="figures">${all.join("\n")}</div>`;
