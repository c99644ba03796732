import type { Compensator } from "./contract.js";
import { InputError } from "./errors.js";
import type { VectorKernels } from "./kernels/contract.js";
import type { TensorCall } from "./tensor/call.js";
import type { Tensor } from "./tensor/contract.js";

/** A number that a method can be set by: what it is where nobody says, and what it may be. */
export interface Option {
  readonly usual: number;
  readonly fits: (value: number) => boolean;
  /** The same in words: "at least 0". */
  readonly range: string;
}

/** One that is at least 0. */
export const positive = (usual: number): Option => ({
  usual,
  fits: (value) => value >= 0,
  range: "at least 0",
});

/** One in [0, 1). */
export const share = (usual: number): Option => ({
  usual,
  fits: (value) => value >= 0 && value < 1,
  range: "in [0, 1)",
});

/**
 * All that there is to know of a method; it stands in a file of its own, and in one row of the
 * registry. What a gradient becomes is told in `create`, and once more for tensors.
 */
export interface Method<Options = Record<never, never>> {
  readonly name: string;
  readonly options: { readonly [Name in keyof Options]-?: Option };
  /** See `Compensator`, with one float that `guard` reads; of `iter-fisher` with two versions. */
  readonly floatsMoved: number;
  /** See `Compensator`. */
  readonly stalenessCost?: number;
  /**
   * See `Compensator`. Fitted to the online accuracy of random plans (`npm run bench:objective`),
   * momentum 0.9 at learning rate 0.02 and Adam at 0.002, each with the powers and weights of the
   * planner's `expectedProgress` for that optimizer; its README has the figures.
   */
  readonly stalenessCostBehind?: Readonly<Record<string, number>>;
  create(kernels: VectorKernels, settings: Required<Options>): Compensator;
  /** What a gradient becomes, by tensors; undefined where it has no such form. */
  readonly onTensors?: <T extends Tensor<T>>(call: TensorCall<T, Required<Options>>) => T;
}

/** Says that a method is one, with the type of its options. */
export const method = <Options = Record<never, never>>(
  declared: Method<Options>,
): Method<Options> => declared;

/**
 * Options with the usual ones filled in.
 * @throws InputError where one is unknown to the method or out of its range.
 */
export function settingsOf<Options>(
  { name, options: taken }: Pick<Method<Options>, "name" | "options">,
  options: Options,
): Required<Options> {
  if (typeof options !== "object" || options === null)
    throw new InputError(
      `Expected an object for the options of a compensator but received ${String(options)}`,
    );
  const names = Object.keys(taken);
  const unknown = Object.keys(options).find((option) => !Object.hasOwn(taken, option));
  if (unknown !== undefined)
    throw new InputError(
      `Expected ${names.length > 0 ? `only ${names.join(", ")}` : "none"} for the options of ${name} ` +
        `but received ${JSON.stringify(unknown)}; leave it out or correct its name`,
    );
  const given = options as Readonly<Record<string, number | undefined>>;
  return Object.fromEntries(
    Object.entries<Option>(taken).map(([option, { usual, fits, range }]) => {
      const value = given[option] === undefined ? usual : given[option];
      if (!Number.isFinite(value) || !fits(value))
        throw new InputError(
          `Expected a number ${range} for ${option} but received ${value} of type ${typeof value}`,
        );
      return [option, value];
    }),
  ) as Required<Options>;
}
