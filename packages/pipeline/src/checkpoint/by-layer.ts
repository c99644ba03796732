import type { KeptState } from "../execute/kept-state.js";
import { nameParameters } from "../model/files/parameters.js";
import type { Model } from "../model/spec.js";
import type { StateTensor, StateTensors } from "./parts.js";

/** What is kept of one stage, and where the stage lies in the model's vector of parameters. */
export interface StageState {
  readonly offset: number;
  readonly length: number;
  readonly kept: KeptState;
}

/**
 * State of a compensator or an optimizer by layer, so that it fits whatever stages the model is cut
 * into later:
 *
 * ```
 * owner.0/conv1/kernel             first vector, the part of one parameter tensor
 * owner.block/96+288/0             numbers about 288 parameters from 96 on: the first that are
 * owner.stage/0+384/0              numbers about all of a stage
 * ```
 */
export function takeByLayer(
  tensors: Map<string, StateTensor>,
  owner: string,
  model: Model,
  stages: readonly StageState[],
): void {
  const vectors = Math.max(0, ...stages.map(({ kept }) => kept.vectors.length));
  for (let index = 0; index < vectors; index++) {
    const whole = new Float32Array(model.parameterCount);
    const held = stages.filter(({ kept }) => kept.vectors[index]);
    for (const { offset, kept } of held) whole.set(kept.vectors[index] as Float32Array, offset);
    for (const [name, { shape, values }] of nameParameters(model, whole)) {
      const at = values.byteOffset / 4;
      const isHeld = held.some(({ offset, length }) => at >= offset && at < offset + length);
      if (isHeld) tensors.set(`${owner}.${index}/${name}`, { shape, values });
    }
  }
  for (const stage of stages)
    for (const { name, values } of named(owner, stage))
      tensors.set(name, { shape: [values.length], values: values.slice() });
}

/**
 * Fills the state of stages with what was saved. A stage takes over what is kept of its layers where
 * all of them have it, whatever stages they were in. Numbers about a block of parameters go with the
 * block; those about a whole stage come from the saved stage that most of it was in. Otherwise the
 * stage starts anew.
 *
 * @param before offsets at which the saved stages began.
 * @returns whether every stage has gone on from what was saved.
 */
export function giveByLayer(
  tensors: StateTensors,
  owner: string,
  model: Model,
  stages: readonly StageState[],
  before: readonly number[],
): boolean {
  const shapes = [...nameParameters(model, new Float32Array(model.parameterCount))];
  return stages.map((stage) => giveStage(stage)).every(Boolean);

  function giveStage(stage: StageState): boolean {
    const { offset, length, kept } = stage;
    if (kept.vectors.length === 0 && kept.numbers.length === 0) return true;
    const numbers = numbersFor(stage);
    if (!numbers) return false;
    const own = shapes.filter(([, { values }]) => {
      const at = values.byteOffset / 4;
      return at >= offset && at < offset + length;
    });
    const parts = kept.vectors.map((_, index) =>
      own.map(([name, { values }]) => {
        const saved = tensors.get(`${owner}.${index}/${name}`)?.values;
        return saved instanceof Float32Array && saved.length === values.length ? saved : null;
      }),
    );
    if (parts.some((each) => each.includes(null))) return false;
    kept.vectors.forEach((vector, index) => {
      parts[index]?.forEach((part, tensor) => {
        const at = (own[tensor] as (typeof own)[0])[1].values.byteOffset / 4 - offset;
        vector.set(part as Float32Array, at);
      });
    });
    for (const [values, saved] of numbers) values.set(saved);
    return true;
  }

  /** What the numbers of a stage are filled with; null where they start anew. */
  function numbersFor(stage: StageState): (readonly [Float64Array, Float64Array])[] | null {
    const found: (readonly [Float64Array, Float64Array])[] = [];
    const source = sourceOf(stage);
    for (const { name, nameIn, values, isOfStage } of named(owner, stage)) {
      const saved = tensors.get(isOfStage ? nameIn(source) : name)?.values;
      const fits = saved instanceof Float64Array && saved.length === values.length;
      // A block that was cut in another way begins with the next gradient.
      if (fits) found.push([values, saved]);
      else if (isOfStage) return null;
    }
    return found;
  }

  /** The saved stage that most parameters of a stage were in. */
  function sourceOf({ offset, length }: StageState): Span {
    const spans = before.map((start, index) => ({
      offset: start,
      length: (before[index + 1] ?? model.parameterCount) - start,
    }));
    const shared = (span: Span) =>
      Math.min(span.offset + span.length, offset + length) - Math.max(span.offset, offset);
    return spans.reduce((best, span) => (shared(span) > shared(best) ? span : best), {
      offset,
      length: 0,
    });
  }
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

/** The numbers of a stage with their names: the same ones in the same order for the same stage. */
function named(owner: string, stage: StageState) {
  const counts = new Map<string, number>();
  return stage.kept.numbers.map(({ of, values }) => {
    const kind = `${owner}.${of ? "block" : "stage"}`;
    const span = of ? { offset: stage.offset + of.offset, length: of.length } : stage;
    const place = `${kind}/${span.offset}+${span.length}`;
    const ordinal = counts.get(place) ?? 0;
    counts.set(place, ordinal + 1);
    return {
      name: `${place}/${ordinal}`,
      /** The name if it were of another stage. */
      nameIn: (other: Span) => `${kind}/${other.offset}+${other.length}/${ordinal}`,
      isOfStage: of === null,
      values,
    };
  });
}
