/** The best chain of periods, and what it takes to complete any part of one. */
export interface Chains {
  /** The best sum of scores over the stages. */
  readonly total: number;
  /** By stage: the period's place. */
  readonly places: readonly number[];
  /** [stage * places + place] the best sum over earlier stages, with that period here. */
  readonly earlier: Float64Array;
}

/**
 * Chooses a period L_i for every stage such that L_i is a multiple of L_{i+1} and L_{P-1} = 1
 * (see `participation`), with the largest sum of scores. A dynamic program from the first stage on,
 * whose state is the period.
 *
 * @param scores [stage * places + place]
 * @param multiples by place: the places of its multiples, itself first; place 0 is period 1.
 */
export function bestChain(
  stageCount: number,
  multiples: readonly (readonly number[])[],
  scores: Float64Array,
): Chains {
  const width = multiples.length;
  const earlier = new Float64Array(stageCount * width);
  const choice = new Int32Array(stageCount * width);
  const values = new Float64Array(width);
  for (let stage = 0; stage < stageCount; stage += 1) {
    const row = stage * width;
    const most = stage === stageCount - 1 ? 1 : width;
    for (let place = 0; place < most && stage > 0; place += 1) {
      let best = place;
      for (const other of multiples[place] as readonly number[])
        if ((values[other] as number) > (values[best] as number)) best = other;
      earlier[row + place] = values[best] as number;
      choice[row + place] = best;
    }
    for (let place = 0; place < most; place += 1)
      values[place] = (scores[row + place] as number) + (earlier[row + place] as number);
  }
  const places = new Array<number>(stageCount).fill(0);
  for (let stage = stageCount - 1; stage > 0; stage -= 1)
    places[stage - 1] = choice[stage * width + (places[stage] as number)] as number;
  return { total: values[0] as number, places, earlier };
}

/** c^o by stage that gives these periods. */
export function omitOf(periods: readonly number[]): number[] {
  return periods.map((period, stage) => (period === (periods[stage + 1] ?? 1) ? 0 : period - 1));
}

/** For each of the periods 1 .. longest at places 0 .. longest - 1 the places of its multiples. */
export function allMultiples(longest: number): number[][] {
  return Array.from({ length: longest }, (_, place) => {
    const found: number[] = [];
    for (let multiple = place + 1; multiple <= longest; multiple += place + 1)
      found.push(multiple - 1);
    return found;
  });
}
