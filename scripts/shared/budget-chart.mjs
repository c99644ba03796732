// Online accuracy by memory, one small chart per setting, as one SVG.

const [width, height, gap] = [300, 190, { left: 46, right: 14, top: 30, bottom: 38 }];
const columns = 3;
const blue = "#0072b2";
const grey = "#777";

const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

/** Memory on a logarithmic axis; the broken line is the learner that drops what comes meanwhile. */
function panel({ dataset, model, pressure, skip, rows }) {
  const mebibytes = rows.map(({ peak }) => peak / 2 ** 20);
  const [least, most] = [Math.min(...mebibytes), Math.max(...mebibytes)];
  const values = [skip, ...rows.map(({ oacc }) => oacc)];
  const [low, high] = [Math.floor(Math.min(...values) - 1), Math.ceil(Math.max(...values) + 1)];
  const x = (size) =>
    gap.left + (Math.log(size / least) / Math.log(most / least)) * (width - gap.left - gap.right);
  const y = (value) =>
    height - gap.bottom - ((value - low) / (high - low)) * (height - gap.top - gap.bottom);
  const points = rows.map(({ oacc }, index) => [x(mebibytes[index]), y(oacc)]);
  const at = points.map((point) => point.map((value) => value.toFixed(1)).join()).join(" ");
  const size = (value) => value.toPrecision(value < 10 ? 2 : 3);
  return [
    text(gap.left, 18, `${dataset}, ${model}, pressure ${pressure}`, 'font-weight="600"'),
    `<path d="M${gap.left} ${gap.top}V${height - gap.bottom}H${width - gap.right}" fill="none" stroke="#333"/>`,
    `<path d="M${gap.left} ${y(skip).toFixed(1)}H${width - gap.right}" stroke="${grey}" stroke-dasharray="4 3"/>`,
    text(width - gap.right, y(skip) - 4, "1-Skip", `fill="${grey}" text-anchor="end"`),
    `<polyline points="${at}" fill="none" stroke="${blue}" stroke-width="2"/>`,
    ...points.map(
      ([a, b]) => `<circle cx="${a.toFixed(1)}" cy="${b.toFixed(1)}" r="2.5" fill="${blue}"/>`,
    ),
    ...[low, high].map((value) =>
      text(gap.left - 6, y(value) + 4, `${value} %`, 'text-anchor="end"'),
    ),
    text(gap.left, height - 18, `${size(least)} MiB`),
    text(width - gap.right, height - 18, `${size(most)} MiB`, 'text-anchor="end"'),
  ].join("");
}

/** @param curves as `bench-budget.mjs` has them. */
export function drawBudgets(curves) {
  const rows = Math.ceil(curves.length / columns);
  const panels = curves.map((curve, index) => {
    const place = [(index % columns) * width, Math.floor(index / columns) * height];
    return `<g transform="translate(${place.join()})">${panel(curve)}</g>`;
  });
  const size = `viewBox="0 0 ${columns * width} ${rows * height}"`;
  const font = 'font-family="system-ui, sans-serif" font-size="12" fill="#333"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font}><title>Online accuracy by memory</title><rect width="100%" height="100%" fill="#fff"/>${panels.join("")}</svg>\n`;
}
