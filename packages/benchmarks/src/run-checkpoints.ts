import { isDeepStrictEqual } from "node:util";
import type { TimedAction } from "@ferret-ocl/pipeline";
import {
  type Every,
  giveParts,
  hasCheckpoint,
  type LearnerState,
  readCheckpoint,
  readFacts,
  type StateParts,
  type StateTensors,
  takeParts,
  writeCheckpoint,
} from "@ferret-ocl/pipeline/engine";
import { type Profile, parseProfile } from "@ferret-ocl/planner";
import { InputError } from "./errors.js";
import type { RunSetting } from "./setting.js";

/** Where a run is saved on its way. */
export interface CheckpointSetting {
  readonly folder: string;
  readonly every: Every;
  /** Whether it goes on from what is there. */
  readonly resume: boolean;
}

/** What a run is on its way besides its learner. */
export interface RunState {
  /** Items of the stream so far; the learner has fewer where labels come late. */
  readonly items: number;
  /** Accuracy and the like. */
  readonly parts: Readonly<Record<string, StateParts>>;
  /** The first actions. */
  readonly actions: readonly TimedAction[];
}

/** What must be the same when a run goes on. */
export interface RunIdentity {
  readonly setting: RunSetting;
  /** What computes. */
  readonly runtime: string;
  readonly kernels: string;
  /** Items of the stream, and samples that it is made of. */
  readonly items: number;
  readonly samples: number;
}

/** Options by the fields of a setting; the rest have the name of their field. */
const optionOf: Readonly<Partial<Record<keyof RunSetting, string>>> = {
  learningRate: "--lr",
  changes: "--change",
  given: "--partition and --workers",
  units: "--compute-units and --unit-speeds",
  mostItems: "--items",
  table: "the options that say how the data set is read",
};
/** What may be another one: where files are, and how many threads there are. */
const free: readonly string[] = ["dataDir", "threads"];

interface Content {
  readonly run: {
    readonly identity: RunIdentity;
    /** Items that it had been taken over. */
    readonly items: number;
    readonly profile: Profile;
    readonly actions: readonly TimedAction[];
  };
  readonly facts: unknown;
}

/** The checkpoints of one run: the one that it goes on from, and those that it makes. */
export class RunCheckpoints {
  /** What the learner goes on from; undefined: it begins. */
  readonly state: LearnerState | undefined;
  readonly #setting: CheckpointSetting;
  readonly #identity: RunIdentity;
  readonly #content: Content | null;
  #last = performance.now();
  /** What is being written. */
  #writing: Promise<unknown> = Promise.resolve();
  #failure: unknown = null;

  /**
   * Reads what a run goes on from.
   * @param onNotice told what is left out, and where the run goes on.
   * @throws InputError where the folder holds a run and is not to be gone on from, or one of another
   *   setting.
   */
  constructor(
    setting: CheckpointSetting,
    identity: RunIdentity,
    onNotice: (sentence: string) => void,
  ) {
    this.#setting = setting;
    this.#identity = identity;
    const { folder, resume } = setting;
    this.#content = null;
    if (!hasCheckpoint(folder)) {
      if (resume) onNotice(`there is no checkpoint in ${folder}: the run begins`);
      return;
    }
    if (!resume)
      throw new InputError(
        `Expected a folder without checkpoints for --checkpoint but ${folder} has some; go on from them ` +
          "with --resume, or name another folder",
      );
    const { content, tensors } = readCheckpoint(folder, onNotice);
    const { run, facts } = content as Partial<Content>;
    if (!run?.identity || !Number.isSafeInteger(run.items))
      throw new InputError(
        `Expected a checkpoint of ferret run in ${folder} but it is one of something else; name another ` +
          "folder",
      );
    expectSame(run.identity, identity, folder);
    this.#content = { run, facts };
    this.state = { facts: readFacts(facts), tensors };
    onNotice(`going on from item ${this.items} of ${identity.items}`);
  }

  /** Items that have been taken over. */
  get items(): number {
    return this.#content?.run.items ?? 0;
  }

  /** Actions of the first items. */
  get actions(): readonly TimedAction[] {
    return this.#content?.run.actions ?? [];
  }

  /**
   * Fills what a run is besides its learner with what was saved.
   * @throws InputError where times of a simulated clock have been measured anew.
   */
  restore(parts: RunState["parts"], profile: Profile): void {
    const { state } = this;
    if (!state || !this.#content) return;
    for (const [name, each] of Object.entries(parts)) giveParts(state.tensors, `run/${name}`, each);
    if (this.#identity.setting.engine === "threads") return;
    const before = parseProfile(this.#content.run.profile);
    if (!isDeepStrictEqual(parseProfile(profile), before))
      throw new InputError(
        "Expected the durations that the run was saved with but they have been measured anew; write them to " +
          "a file with ferret profile --out, and begin the run with --timing FILE",
      );
  }

  /** Whether it is time to save, after so many items. */
  isDue(items: number): boolean {
    const { every } = this.#setting;
    // The end of the stream is no place to go on from.
    if (items >= this.#identity.items) return false;
    if ("items" in every) return items % every.items === 0;
    return performance.now() - this.#last >= every.milliseconds;
  }

  /**
   * Writes a checkpoint while the run goes on, once the one before is written.
   * @throws InputError where that one could not be written.
   */
  async save(
    state: LearnerState,
    { items, parts, actions }: RunState,
    profile: Profile,
  ): Promise<void> {
    const tensors = new Map(state.tensors);
    for (const [name, each] of Object.entries(parts)) takeParts(tensors, `run/${name}`, each);
    await this.written();
    this.#last = performance.now();
    const content = {
      run: { identity: this.#identity, items, profile, actions: [...actions] },
      facts: state.facts,
    };
    this.#writing = this.#write(content, tensors);
  }

  async #write(content: unknown, tensors: StateTensors): Promise<void> {
    try {
      await writeCheckpoint(this.#setting.folder, content, tensors);
    } catch (error) {
      this.#failure = error;
    }
  }

  /**
   * Waits until what was to be saved is on disk.
   * @throws InputError where it cannot be written.
   */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }
}

/** @throws InputError that names the first option that is another one. */
function expectSame(saved: RunIdentity, now: RunIdentity, folder: string): void {
  const before = plain(saved);
  const present = plain(now);
  const fields = new Set([...Object.keys(present.setting), ...Object.keys(before.setting)]);
  const pairs: (readonly [string, unknown, unknown])[] = [...fields]
    .filter((field) => !free.includes(field))
    .map((field) => [
      optionOf[field as keyof RunSetting] ??
        `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      before.setting[field as keyof RunSetting],
      present.setting[field as keyof RunSetting],
    ]);
  pairs.push(["--runtime", before.runtime, present.runtime]);
  pairs.push(["the kernels", before.kernels, present.kernels]);
  pairs.push(["the items of the stream", before.items, present.items]);
  pairs.push(["the samples of the data set", before.samples, present.samples]);
  for (const [option, expected, received] of pairs)
    if (!isDeepStrictEqual(expected, received))
      throw new InputError(
        `Expected ${shown(expected)} for ${option}, as the run in ${folder} has it, but received ` +
          `${shown(received)}; give the options that it was begun with`,
      );
}

/** As a file gives it back. */
function plain(identity: RunIdentity): RunIdentity {
  return JSON.parse(JSON.stringify(identity)) as RunIdentity;
}

const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value));
