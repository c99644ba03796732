import { InputError } from "../errors.js";
import { keyOf, type SuiteCase } from "./case.js";

/** One of `count` equal shares of a suite, `index` from 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

interface Scheduler {
  readonly index: string;
  readonly count: string;
  readonly name: string;
  /** Whether a task that is not told the count is the only one. */
  readonly isAloneWithoutCount?: boolean;
}

/** Variables by which a scheduler tells each of its tasks which it is, and of how many; one row each. */
const schedulers: readonly Scheduler[] = [
  // Outside of srun a batch script has a SLURM_PROCID as well, but is alone: there is no step then.
  {
    index: "SLURM_PROCID",
    count: "SLURM_STEP_NUM_TASKS",
    name: "Slurm",
    isAloneWithoutCount: true,
  },
  { index: "OMPI_COMM_WORLD_RANK", count: "OMPI_COMM_WORLD_SIZE", name: "Open MPI" },
  // Kubernetes tells an indexed job's pod its index alone; the count is for the job's author to pass on.
  { index: "JOB_COMPLETION_INDEX", count: "JOB_COMPLETIONS", name: "Kubernetes" },
];

/** `1/4` to `4/4`. */
export function parseShard(text: string): Shard {
  const [, index = "", count = ""] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? [];
  if (Number(index) >= 1 && Number(index) <= Number(count))
    return { index: Number(index) - 1, count: Number(count) };
  throw new InputError(
    `Expected a share such as 1/4, the first of four, for --shard but received "${text}"`,
  );
}

/**
 * The share of a task that a scheduler started, with the scheduler's name; null where there is none, or only one task.
 * @throws InputError where a scheduler tells which task this is, but not of how many.
 */
export function scheduledShard(
  environment: Readonly<Record<string, string | undefined>>,
): (Shard & { readonly scheduler: string }) | null {
  for (const scheduler of schedulers) {
    const { index: indexName, count: countName, name, isAloneWithoutCount = false } = scheduler;
    const index = environment[indexName];
    if (!index) continue;
    const count = environment[countName];
    if (!count && isAloneWithoutCount) continue;
    if (!count)
      throw new InputError(
        `Expected the number of tasks in ${countName} beside ${indexName}=${index} but found none; set it in ` +
          "the job, or give --shard",
      );
    const share = { index: Number(index), count: Number(count) };
    if (
      !(
        Number.isSafeInteger(share.count) &&
        Number.isInteger(share.index) &&
        share.index >= 0 &&
        share.index < share.count
      )
    )
      throw new InputError(
        `Expected whole numbers, ${indexName} from 0 to below ${countName}, but received ${index} of ${count}; give --shard`,
      );
    return share.count === 1 ? null : { ...share, scheduler: name };
  }
  return null;
}

/** Cases of a share: which share a case belongs to depends on itself alone, so that no share depends on what is there. */
export function shareOf(cases: readonly SuiteCase[], { index, count }: Shard): SuiteCase[] {
  return cases.filter((one) => Number.parseInt(keyOf(one, []).slice(0, 8), 16) % count === index);
}
