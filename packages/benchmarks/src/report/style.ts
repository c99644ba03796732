/** The page's style sheet; charts stay readable on a narrow screen by scrolling sideways. */
export const pageStyle = `
body { margin: 0; background: #fff; color: #222;
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 40px; }
h1 { font-size: 26px; margin: 0 0 8px; }
h2 { font-size: 18px; margin: 36px 0 10px; }
.result { font-size: 17px; margin: 0 0 6px; }
.setting, .note, footer { color: #666; font-size: 13px; }
.setting { margin: 0; }
.warning { border-left: 4px solid #d55e00; padding-left: 8px; }
.note { margin: 6px 0 0; max-width: 760px; }
footer { margin-top: 40px; border-top: 1px solid #ddd; padding-top: 10px; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 760px; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 5px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid #e3e3e3; }
th { color: #666; font-weight: 600; font-size: 13px; }
th:first-child, td:first-child { text-align: left; font-weight: 600; padding-left: 0; }
ul { margin: 0; padding-left: 20px; }
`;
