import { Random } from "../random.js";
import type { Dataset, RotatableData } from "./contract.js";
import { digitStyles, type Stroke } from "./glyph-outlines.js";
import { GlyphPen, glyphSize } from "./glyph-pen.js";

/** Samples of the two splits. Each is drawn when it is read, so neither takes memory. */
const glyphCounts = { train: 60_000, test: 2_000 } as const;

/** Mean and standard deviation of the grey values (0 .. 1), measured over 20,000 training images. */
const mean = 0.111;
const deviation = 0.204;

/** Words of the seed that keep the splits, and a sample's label and its shape, apart. */
const streams = { trainLabels: 1, testLabels: 2, trainShapes: 3, testShapes: 4 } as const;

/** How much the writing varies; lengths in pixels unless said. */
const variation = {
  height: [14, 22],
  aspect: [0.75, 1.25],
  /** Degrees, uniform in ± this. */
  rotation: 22,
  shear: 0.35,
  shift: 2.5,
  /** Bending by two waves along each axis, as a share of the height. */
  bend: 0.07,
  /** How far one stroke of a digit strays from its place, as a share of the height. */
  stray: 0.05,
  radius: [0.6, 1.5],
  /** How much the radius changes from one end of a stroke to the other, as a share. */
  pressure: 0.4,
  softness: [1, 2],
  ink: [0.5, 1],
  noise: [0.02, 0.14],
  /** Scratches beside the digit: up to this many, and their length. */
  scratches: 2,
  scratchLength: [3, 10],
  scratchRadius: [0.2, 0.7],
} as const;

const mostPoints = Math.max(...digitStyles.flat(2).map((stroke) => stroke.length / 2));
const center = (glyphSize - 1) / 2;
const degree = Math.PI / 180;

/**
 * Endless handwriting of ten digits, 28x28x1 grey: strokes in some styles, bent, slanted, scaled,
 * turned and shifted, with pens, noise and scratches. Sample i is a function of (seed, i) alone.
 * Grey values 0 .. 1 are standardised by the fixed mean and deviation above.
 */
class GlyphData implements RotatableData {
  readonly classes = digitStyles.length;
  readonly inputShape = [glyphSize, glyphSize, 1] as const;
  readonly #random = new Random(0);
  readonly #pen = new GlyphPen();
  /** The stroke being written: x, y and radius of each point. */
  readonly #path = new Float64Array(3 * mostPoints);

  constructor(
    readonly count: number,
    private readonly seed: number,
    private readonly labels: number,
    private readonly shapes: number,
  ) {}

  label(index: number): number {
    this.#random.reseed(this.seed, this.labels, index);
    return this.#random.below(this.classes);
  }

  read(index: number, x: Float32Array, offset: number): void {
    this.readRotated(index, 0, x, offset);
  }

  readRotated(index: number, angle: number, x: Float32Array, offset: number): void {
    const styles = digitStyles[this.label(index)]!;
    const random = this.#random;
    random.reseed(this.seed, this.shapes, index);
    this.#pen.clear();
    this.#write(styles[random.below(styles.length)]!, angle);
    this.#scratch();

    const softness = random.within(variation.softness);
    const ink = random.within(variation.ink);
    const noise = random.within(variation.noise);
    for (let pixel = 0; pixel < glyphSize * glyphSize; pixel++) {
      const grey = ink * this.#pen.ink(pixel, softness) + noise * random.roughNormal();
      x[offset + pixel] = (Math.min(Math.max(grey, 0), 1) - mean) / deviation;
    }
  }

  #write(strokes: readonly Stroke[], angle: number): void {
    const random = this.#random;
    const path = this.#path;
    const height = random.within(variation.height);
    const width = height * random.within(variation.aspect);
    const shear = random.between(-variation.shear, variation.shear);
    const turn = (random.between(-variation.rotation, variation.rotation) - angle) * degree;
    const cosine = Math.cos(turn);
    const sine = Math.sin(turn);
    const centerX = center + random.between(-variation.shift, variation.shift);
    const centerY = center + random.between(-variation.shift, variation.shift);
    const bendX = variation.bend * random.roughNormal();
    const bendY = variation.bend * random.roughNormal();
    const phaseX = random.between(0, 2 * Math.PI);
    const phaseY = random.between(0, 2 * Math.PI);
    const radius = random.within(variation.radius);

    for (const stroke of strokes) {
      const strayX = variation.stray * random.roughNormal();
      const strayY = variation.stray * random.roughNormal();
      const change = random.between(-variation.pressure, variation.pressure);
      const last = stroke.length / 2 - 1;
      for (let point = 0; point <= last; point++) {
        const strokeX = stroke[2 * point]!;
        const strokeY = stroke[2 * point + 1]!;
        const bentX = strokeX + strayX + bendX * Math.sin(5 * strokeY + phaseX);
        const bentY = strokeY + strayY + bendY * Math.sin(6 * strokeX + phaseY);
        const flatX = width * (bentX - shear * bentY);
        const flatY = height * bentY;
        path[3 * point] = centerX + cosine * flatX - sine * flatY;
        path[3 * point + 1] = centerY + sine * flatX + cosine * flatY;
        path[3 * point + 2] = radius * (1 + change * (point / last - 0.5));
      }
      this.#pen.stroke(path, last + 1);
    }
  }

  #scratch(): void {
    const random = this.#random;
    const path = this.#path;
    const count = random.below(variation.scratches + 1);
    for (let scratch = 0; scratch < count; scratch++) {
      path[0] = random.between(0, glyphSize);
      path[1] = random.between(0, glyphSize);
      const angle = random.between(0, 2 * Math.PI);
      const length = random.within(variation.scratchLength);
      path[3] = path[0]! + length * Math.cos(angle);
      path[4] = path[1]! + length * Math.sin(angle);
      path[5] = random.within(variation.scratchRadius);
      this.#pen.stroke(path, 2);
    }
  }
}

/** The `glyphs` data set: nothing to download, the same seed gives the same images everywhere. */
export function glyphs(seed: number): Dataset {
  return {
    name: "glyphs",
    train: new GlyphData(glyphCounts.train, seed, streams.trainLabels, streams.trainShapes),
    test: new GlyphData(glyphCounts.test, seed, streams.testLabels, streams.testShapes),
    classNames: digitStyles.map((_, digit) => String(digit)),
    origin: { files: "drawn" },
  };
}
