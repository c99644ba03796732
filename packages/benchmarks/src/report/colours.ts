/**
 * Colours that people with any colour vision tell apart (M. Okabe and K. Ito, "Color Universal
 * Design", 2008).
 */
export const palette = {
  black: "#000000",
  orange: "#e69f00",
  sky: "#56b4e9",
  green: "#009e73",
  yellow: "#f0e442",
  blue: "#0072b2",
  vermilion: "#d55e00",
  purple: "#cc79a7",
  grey: "#999999",
} as const;

/** What stands for a colour of a chart, or for its ink, lines and paper, on a dark page. */
export const darkColours: Readonly<Record<string, string>> = {
  [palette.black]: "#f2f2f2",
  [palette.blue]: "#6a93ff",
  [palette.sky]: "#8fdcf7",
  [palette.green]: "#2bc99b",
  [palette.vermilion]: "#ff8c42",
  "#333": "#d0d3d6",
  "#e3e3e3": "#34383d",
  "#f0f0f0": "#26292d",
  "#fff": "#16181b",
};

const known: Readonly<Record<string, string>> = {
  Oracle: palette.black,
  "Ferret M+": palette.blue,
  "Ferret M": palette.green,
  "Ferret M-": palette.orange,
  Ferret: palette.blue,
  "1-Skip": palette.vermilion,
  "Random-N": palette.purple,
  "Last-N": palette.sky,
  Camel: palette.grey,
  "PipeDream-2BW": palette.purple,
};
const others = [palette.yellow, palette.purple, palette.sky, palette.grey];

/** The same learner has the same colour in every chart and every report. */
export function colourOf(label: string, place: number): string {
  return known[label] ?? (others[place % others.length] as string);
}

/** Light to dark, for a quantity that grows: `place` of `count` steps. */
export function shade(place: number, count: number): string {
  const share = count < 2 ? 0 : place / (count - 1);
  const mix = (light: number, dark: number) => Math.round(light + share * (dark - light));
  return `rgb(${mix(222, 8)}, ${mix(235, 48)}, ${mix(247, 107)})`;
}
