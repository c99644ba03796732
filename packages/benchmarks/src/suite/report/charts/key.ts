import { colourOf } from "../../../report/colours.js";
import { escapeHtml } from "../../../report/format.js";

/** How the line of a learner is drawn. */
export interface LineStyle {
  readonly colour: string;
  readonly isDashed: boolean;
}

export const lineOf = (label: string, place: number): LineStyle => ({
  colour: colourOf(label, place),
  isDashed: label === "Oracle",
});

/** Which line is whose, beside charts that share it. */
export function lineKey(labels: readonly string[]): string {
  const entries = labels.map((label, place) => {
    const { colour, isDashed } = lineOf(label, place);
    const dash = isDashed ? ' stroke-dasharray="5 4"' : "";
    const line = `<line x1="0" y1="6" x2="30" y2="6" stroke="${colour}" stroke-width="3"${dash}/>`;
    return `<li><svg viewBox="0 0 30 12" aria-hidden="true">${line}</svg>${escapeHtml(label)}</li>`;
  });
  return `<ul class="key">${entries.join("")}</ul>`;
}
