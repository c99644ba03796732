import { declare } from "./declare.js";
import { changing, read, writtenDoubles } from "./parameters.js";

export interface ProductKernels {
  /** <g, g> in double precision. */
  squaredNorm(gradient: Float32Array): number;

  /** `sums = [<g, d>, <d, d>]` in double precision. */
  changeProducts(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    sums: Float64Array,
  ): void;
}

export const productKernels = declare<ProductKernels>(
  {
    squaredNorm: [read("gradient")],
    changeProducts: [...changing, writtenDoubles("sums", 2)],
  },
  {
    squaredNorm(gradient) {
      let sum = 0;
      for (let index = 0; index < gradient.length; index++)
        sum += (gradient[index] as number) * (gradient[index] as number);
      return sum;
    },

    changeProducts(gradient, newest, origin, sums) {
      let product = 0;
      let square = 0;
      for (let index = 0; index < gradient.length; index++) {
        const change = (newest[index] as number) - (origin[index] as number);
        product += (gradient[index] as number) * change;
        square += change * change;
      }
      sums[0] = product;
      sums[1] = square;
    },
  },
);
