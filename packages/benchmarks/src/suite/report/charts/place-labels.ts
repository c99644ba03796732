/** A rectangle in pixels; y grows downwards. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A point that wants a label. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface PlacedLabel extends Anchor {
  readonly box: Box;
  /** Whether the label is so far from its point that a line should lead to it. */
  readonly isFar: boolean;
}

/** Width of a letter, and height of a line, by the size of the letters. */
const [letterWidth, lineHeight] = [0.63, 1.15];
const distances = [9, 16, 26, 38, 52, 68, 86, 106, 130];
const nearby = 16;
const apart = 8;
/** Right, left, above, below, and between them. */
const directions = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [0.8, -0.6],
  [0.8, 0.6],
  [-0.8, -0.6],
  [-0.8, 0.6],
] as const;

/**
 * Finds a place for each label beside its point where it covers neither a mark nor another label, as near as there is
 * one; where there is none at all, it covers marks before labels.
 *
 * ```
 *      \ DAPPLE        o: points, with their labels around them
 *   o---o--- Hanayo 1W
 *     / o
 *  PipeDream
 * ```
 * @param obstacles what no label may cover, besides the points themselves.
 * @param area what every label must lie in.
 */
export function placeLabels(
  anchors: readonly Anchor[],
  obstacles: readonly Box[],
  area: Box,
  fontSize: number,
): PlacedLabel[] {
  const marks = [...obstacles, ...anchors.map(({ x, y }) => around(x, y, 6))];
  const taken: Box[] = [];
  return anchors.map((anchor) => {
    // From what a label must be to what it should be.
    const wishes: ((place: Pick<PlacedLabel, "box" | "isFar">) => boolean)[] = [
      ({ box }) => isInside(box, area),
      ({ box }) => !taken.some((other) => overlaps(box, other)),
      ({ box }) => !marks.some((other) => overlaps(box, other)),
      // A far label beside another point would seem to be that one's.
      ({ box, isFar }) => !isFar || !marks.some((other) => overlaps(grown(box, apart), other)),
    ];
    const places = distances.flatMap((distance) =>
      directions.map((direction) => ({
        box: boxAt(anchor, direction, distance, fontSize),
        isFar: distance > nearby,
      })),
    );
    const found = [4, 3, 2, 1].map((count) =>
      places.find((each) => wishes.slice(0, count).every((holds) => holds(each))),
    );
    const place =
      found.find((each) => each !== undefined) ?? (places[0] as (typeof places)[number]);
    taken.push(place.box);
    return { ...anchor, ...place };
  });
}

/** The box of a label in a direction from its point; its nearest side is as far away as is asked. */
function boxAt(
  { x, y, text }: Anchor,
  [dx, dy]: readonly [number, number],
  distance: number,
  fontSize: number,
): Box {
  const [width, height] = [letterWidth * fontSize * text.length, lineHeight * fontSize];
  const [middle, centre] = [x + dx * distance, y + dy * distance];
  const left = dx > 0 ? middle : dx < 0 ? middle - width : middle - width / 2;
  const top = dy === 0 ? centre - height / 2 : dy > 0 ? centre : centre - height;
  return { left, top, right: left + width, bottom: top + height };
}

/** A square around a point. */
export const around = (x: number, y: number, half: number): Box => ({
  left: x - half,
  top: y - half,
  right: x + half,
  bottom: y + half,
});

const grown = ({ left, top, right, bottom }: Box, by: number): Box => ({
  left: left - by,
  top: top - by,
  right: right + by,
  bottom: bottom + by,
});

export const overlaps = (one: Box, other: Box): boolean =>
  one.left < other.right &&
  other.left < one.right &&
  one.top < other.bottom &&
  other.top < one.bottom;

const isInside = (box: Box, area: Box) =>
  box.left >= area.left &&
  box.right <= area.right &&
  box.top >= area.top &&
  box.bottom <= area.bottom;
