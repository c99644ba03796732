import type { Dataset, LabelledData } from "../src/datasets/contract.js";

const inputShape = [8, 8, 1];
const classes = 3;

/** Sample `index`: a bar whose row is the class, under noise that is its own. */
function tinyImages(count: number): LabelledData {
  const label = (index: number) => (7 * index) % classes;
  return {
    count,
    classes,
    inputShape,
    label,
    read(index, x, offset) {
      for (let place = 0; place < 64; place++) {
        const isBar = Math.floor(place / 8) === 1 + 2 * label(index);
        x[offset + place] = (isBar ? 1 : 0) + Math.sin(1 + index * 64 + place) / 4;
      }
    },
  };
}

/** Images of 8 x 8 pixels: the smallest that every built-in model takes. */
export const tiny: Dataset = { name: "tiny", train: tinyImages(160), test: tinyImages(16) };
