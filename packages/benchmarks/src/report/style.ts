import { darkColours } from "./colours.js";

/** Colours of what is drawn in charts, which were chosen on white, on a dark page. */
const darkCharts = Object.entries(darkColours)
  .map(
    ([light, dark]) =>
      `svg [fill="${light}"] { fill: ${dark}; } svg [stroke="${light}"] { stroke: ${dark}; }`,
  )
  .join("\n  ");

/**
 * The pages' style sheet, light or dark as the reader's system is. Charts drawn for wide screens stay readable on a
 * narrow one by scrolling sideways; those of `.figure` are drawn twice, and each screen shows one of them.
 */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #222; --soft: #666; --line: #e3e3e3; --warn: #d55e00;
  --best: #e6f1f8; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 40px; }
main.broad { max-width: 1480px; }
h1 { font-size: 26px; margin: 0 0 8px; line-height: 1.25; }
h2 { font-size: 20px; margin: 40px 0 10px; line-height: 1.3; }
h3 { font-size: 15px; margin: 24px 0 4px; }
.result, .summary { font-size: 17px; margin: 0 0 8px; max-width: 860px; }
.setting, .note, footer { color: var(--soft); font-size: 13px; }
.setting { margin: 0; }
.warning { border-left: 4px solid var(--warn); padding-left: 8px; max-width: 860px; }
.note { margin: 6px 0 0; max-width: 760px; }
footer { margin-top: 40px; border-top: 1px solid var(--line); padding-top: 10px; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 760px; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 5px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; font-size: 13px; }
th:first-child, td:first-child { text-align: left; font-weight: 600; padding-left: 0; }
ul { margin: 0; padding-left: 20px; }
nav { font-size: 13px; margin: 16px 0 0; display: flex; flex-wrap: wrap; gap: 2px 16px; }
a { color: inherit; }
.figures { display: grid; gap: 24px 40px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 600px), 1fr)); }
.figure { margin: 0; max-width: 860px; min-width: 0; }
.figure figcaption { font-weight: 600; margin: 6px 0 2px; }
.figure figcaption span { color: var(--warn); font-weight: 400; }
.figure svg, .key svg { min-width: 0; }
.figure .narrow { display: none; }
.key { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 4px; padding: 0; list-style: none; font-size: 13px; }
.key li { display: flex; align-items: center; gap: 6px; }
.key svg { width: 30px; height: 12px; }
.sheet { width: auto; margin: 4px 0 16px; }
.sheet td:first-child, .sheet th:first-child { position: sticky; left: 0; background: var(--paper);
  padding-left: 0; padding-right: 16px; overflow-wrap: anywhere; }
.sheet th, .sheet td { padding: 4px 7px; }
.sheet th { white-space: normal; vertical-align: bottom; }
.sheet small { font-size: 11px; font-weight: 400; }
.sheet tr.block th { color: var(--ink); text-align: left; padding-top: 14px; }
.sheet .best { font-weight: 700; background: var(--best); }
.sheet .second { text-decoration: underline; text-underline-offset: 3px; }
.sheet .missing { color: var(--soft); font-style: italic; }
.sheet abbr { color: var(--warn); text-decoration: none; font-weight: 700; }
details { margin: 6px 0; }
summary { cursor: pointer; font-size: 15px; font-weight: 600; }
@media (max-width: 640px) {
  main { padding: 16px 14px 32px; }
  h1 { font-size: 22px; }
  .result, .summary { font-size: 16px; }
  .figure .wide { display: none; }
  .figure .narrow { display: block; }
  .sheet th, .sheet td { padding: 5px 7px; font-size: 13px; }
  .sheet td:first-child, .sheet th:first-child { white-space: normal; min-width: 96px; max-width: 116px;
    padding-left: 0; }
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181b; --ink: #e4e4e4; --soft: #a2a6ab; --line: #34383d; --warn: #ff8c42; --best: #1d3343; }
  ${darkCharts}
}
@media print { details:not([open]) > *:not(summary) { display: block; } }
`;
