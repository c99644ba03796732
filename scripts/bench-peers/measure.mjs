// Both sides in turns, so that whatever else the machine does meets them alike.

const leastRepetitions = 3;
const mostRepetitions = 3000;
const yardstick = { model: "matmul", batch: 1024, repetitions: 3 };

/** @param {readonly number[]} values @param {number} share in [0, 1]; linear interpolation */
function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position % 1);
}
const median = (values) => quantile(values, 0.5);
const spread = (values) => quantile(values, 0.75) - quantile(values, 0.25);

/** One side's times of one case. */
class Series {
  times = [];
  facts;
  #peer;
  #request;

  constructor(peer, { model, batch }) {
    this.#peer = peer;
    this.#request = { model, batch };
  }

  /** Finds how many repetitions fill a block; the reason where the side cannot run the model. */
  async calibrate(blockMs) {
    let repetitions = leastRepetitions;
    // The first answer holds first-touch costs, the second is close to what the blocks will see.
    for (const target of [blockMs / 4, blockMs]) {
      const answer = await this.#peer.ask({ ...this.#request, repetitions });
      if ("unavailable" in answer) return answer.unavailable;
      this.facts = answer;
      const fitting = Math.round(target / median(answer.times));
      repetitions = Math.min(mostRepetitions, Math.max(leastRepetitions, fitting));
    }
    this.#request.repetitions = repetitions;
    return null;
  }

  async block() {
    const { times } = await this.#peer.ask(this.#request);
    this.times.push(...times);
  }
}

/**
 * Measures one case.
 * @param {{ model: string, batch: number, goal: number }} item
 * @param {{ ours: Peer, torch: Peer | null }} peers
 * @param {{ rounds: number, blockMs: number, stopped: () => boolean, onRound: () => void }} options
 * @returns {Promise<{ row: object, rate: number, product: number } | { unavailable: string } | null>}
 *   the row of results/peers.json without its share of the limit, its operations a millisecond and
 *   the yardstick's at best; null where it was stopped before the first round
 */
export async function measureCase(item, peers, { rounds, blockMs, stopped, onRound }) {
  const ours = new Series(peers.ours, item);
  const unavailable = await ours.calibrate(blockMs);
  if (unavailable !== null) return { unavailable };
  const torch = peers.torch && new Series(peers.torch, item);
  if (torch) {
    await torch.calibrate(blockMs);
    if (torch.facts.parameters !== ours.facts.parameters)
      throw new Error(
        `Expected the same ${item.model} on both sides but ours has ${ours.facts.parameters} ` +
          `parameters and PyTorch's ${torch.facts.parameters}`,
      );
  }

  let product = 0;
  for (let round = 0; round < rounds && !stopped(); round++) {
    const { times, operations } = await peers.ours.ask(yardstick);
    product = Math.max(product, (operations * yardstick.batch) / Math.min(...times));
    await ours.block();
    await torch?.block();
    onRound();
  }
  if (product === 0) return null;
  const oursMs = median(ours.times);
  const torchMs = torch ? median(torch.times) : null;
  const row = {
    model: item.model,
    batch: item.batch,
    threads: 1,
    oursMs,
    torchMs,
    ratio: torchMs === null ? null : torchMs / oursMs,
    oursSpread: spread(ours.times),
    torchSpread: torch ? spread(torch.times) : null,
    goal: item.goal,
  };
  return { row, rate: (3 * ours.facts.operations * item.batch) / oursMs, product };
}
