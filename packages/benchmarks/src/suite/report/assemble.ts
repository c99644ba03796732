import { groupBy } from "../../group-by.js";
import type { SettingState } from "../at-hand.js";
import { caseOf, identityOf } from "../case.js";

import { quickScale, type SuiteScale } from "../scale.js";
import { paperSettings, type SuiteSetting, standIns } from "../settings.js";
import type { SuiteRun } from "../store.js";
import type { SuitePart } from "../tables/contract.js";
import { suiteParts } from "../tables/registry.js";
import { reportOf, type SuiteReport } from "./contents.js";
import { FoundRuns } from "./found-runs.js";
import type { ShownPart } from "./shown.js";
import { count } from "./words.js";

/** What somebody wants to see; the rest is what the runs are of. */
export interface Asked {
  readonly parts: readonly SuitePart[];
  /** Of these settings, at hand or not. */
  readonly states: readonly SettingState[];
  readonly scale: SuiteScale;
  /** The program's version now, see `programVersion`: its runs count before those of others. */
  readonly program: string;
}

/**
 * The report of a folder's runs: of what was asked for, and of everything else of the same scale that is there. Where
 * nothing was asked for, the scale is that of most runs. What is left out, or put together from several versions of
 * the program, is told.
 * @param runs of one folder or of several, also twice.
 */
export function assembleReport(runs: readonly SuiteRun[], asked: Asked | null = null): SuiteReport {
  const scale = asked?.scale ?? scaleOf(runs);
  const { alike, words: otherData } = ofOneData(
    runs.filter(({ case: { run } }) => isOf(scale, run)),
  );
  const { distinct, words: versions } = distinctRuns(alike, asked?.program);
  const pairs = new Pairs(scale, distinct);
  for (const part of asked?.parts ?? [])
    for (const { setting, data } of asked?.states ?? [])
      if (data.isAtHand) pairs.add(part, setting);
  pairs.findMore();

  const states = knownSettings.flatMap((setting): SettingState[] => {
    const state = asked?.states.find((each) => each.setting.name === setting.name);
    if (state) return [{ ...state, setting }];
    return pairs.has(setting) ? [runsOnly(setting)] : [];
  });
  const shown = pairs.shown();
  const parts = shown.map(({ part }) => part);
  return reportOf(new FoundRuns(parts, states, scale, distinct), shown, [
    ...otherScales(runs, scale),
    ...otherData,
    ...versions,
    ...pairs.unshownWords(),
  ]);
}

const knownSettings: readonly SuiteSetting[] = [...paperSettings, ...standIns];

type RunScale = Pick<SuiteScale, "mostItems" | "testSamples">;

const scaleOfRun = ({ mostItems, testSamples }: SuiteRun["case"]["run"]): RunScale => ({
  mostItems: mostItems ?? null,
  testSamples: testSamples ?? null,
});

function isOf({ mostItems, testSamples }: RunScale, run: SuiteRun["case"]["run"]): boolean {
  const own = scaleOfRun(run);
  return own.mostItems === mostItems && own.testSamples === testSamples;
}

/** Of each setting the runs on one data: where the files were others, as most of them had them. */
function ofOneData(runs: readonly SuiteRun[]): { alike: SuiteRun[]; words: string[] } {
  const alike: SuiteRun[] = [];
  const words: string[] = [];
  for (const [setting, own] of groupBy(runs, (run) => run.case.setting)) {
    const groups = [...groupBy(own, dataOf)].sort(
      ([left, a], [right, b]) => b.length - a.length || (left < right ? -1 : 1),
    );
    const [[, most] = ["", []]] = groups;
    alike.push(...most);
    const others = own.length - most.length;
    if (others > 0)
      words.push(
        `${count(others, "run")} of ${setting} on other data ${others === 1 ? "is" : "are"} there too and not shown.`,
      );
  }
  return { alike, words };
}

/** What tells the data of a run from that of another: its files, and what was read of them. */
const dataOf = ({ world, record: { data } }: SuiteRun): string =>
  JSON.stringify([world.slice(1), data]);

/** The scale of most runs, with all of its seeds. */
function scaleOf(runs: readonly SuiteRun[]): SuiteScale {
  const [most] = byScale(runs);
  const { mostItems, testSamples } = most?.scale ?? quickScale;
  const seeds = [...new Set((most?.runs ?? []).map(({ case: { run } }) => run.seed))];
  return {
    mostItems,
    testSamples,
    seeds: seeds.sort((left, right) => left - right),
    // No option but --quick takes fewer test samples.
    isQuick: testSamples === quickScale.testSamples,
  };
}

/** Of most runs first. */
function byScale(runs: readonly SuiteRun[]) {
  const groups = groupBy(runs, ({ case: { run } }) => JSON.stringify(scaleOfRun(run)));
  return [...groups]
    .sort(([left, a], [right, b]) => b.length - a.length || (left < right ? -1 : 1))
    .map(([key, own]) => ({ scale: JSON.parse(key) as RunScale, runs: own }));
}

function otherScales(runs: readonly SuiteRun[], scale: RunScale): string[] {
  return byScale(runs)
    .filter(
      (each) =>
        each.scale.mostItems !== scale.mostItems || each.scale.testSamples !== scale.testSamples,
    )
    .map(({ scale: { mostItems, testSamples }, runs: own }) => {
      const items = mostItems === null ? "one pass over the data" : `at most ${mostItems} items`;
      const tested = testSamples === null ? "all" : testSamples;
      const isQuick = testSamples === quickScale.testSamples;
      const usual = isQuick ? quickScale.mostItems : null;
      const options = [
        ...(isQuick ? ["--quick"] : []),
        ...(mostItems === usual ? [] : [`--items ${mostItems}`]),
      ];
      return (
        `${count(own.length, "run")} of another scale (${items}, ${tested} test samples) ` +
        `${own.length === 1 ? "is" : "are"} there too and not shown; ` +
        `${["ferret suite ...", ...options].join(" ")} shows them.`
      );
    });
}

/**
 * One run of each case. Where several versions of the program, or runtimes, made it, that of the present version
 * counts, or of the one with most runs.
 */
function distinctRuns(
  runs: readonly SuiteRun[],
  present: string | undefined,
): { readonly distinct: SuiteRun[]; readonly words: string[] } {
  const versions = [
    ...groupBy(runs, ({ program, record }) => `${program} on ${record.runtime}`),
  ].sort(
    ([left, a], [right, b]) =>
      Number(b[0]?.program === present) - Number(a[0]?.program === present) ||
      b.length - a.length ||
      (left < right ? -1 : 1),
  );
  const first = new Map<string, SuiteRun>();
  for (const run of versions.flatMap(([, own]) => own)) {
    const identity = identityOf(run.case);
    if (!first.has(identity)) first.set(identity, run);
  }
  const used = groupBy(
    [...first.values()],
    ({ program, record }) => `${program} on ${record.runtime}`,
  );
  const names = versions.map(([name]) => `${used.get(name)?.length ?? 0} by ${name}`);
  const words =
    versions.length < 2
      ? []
      : [
          `Runs by ${versions.length} versions of the program or runtimes are shown together: ${names.join(", ")}; ` +
            "a run that several made is that of the first of them.",
        ];
  return { distinct: [...first.values()], words };
}

/** Which parts are shown for which settings. */
class Pairs {
  readonly #scale: SuiteScale;
  readonly #settings = new Map<SuitePart, Set<SuiteSetting>>();
  /** Identities of the runs that are there. */
  readonly #there: ReadonlyMap<string, SuiteRun>;

  constructor(scale: SuiteScale, runs: readonly SuiteRun[]) {
    this.#scale = scale;
    this.#there = new Map(runs.map((run) => [identityOf(run.case), run]));
  }

  add(part: SuitePart, { name }: SuiteSetting): void {
    const settings = this.#settings.get(part) ?? new Set();
    settings.add(knownSettings.find((each) => each.name === name) as SuiteSetting);
    this.#settings.set(part, settings);
  }

  has(setting: SuiteSetting): boolean {
    return [...this.#settings.values()].some((settings) => settings.has(setting));
  }

  /**
   * Adds the parts that are there without having been asked for. Parts share runs, so one is there for a setting
   * where it has a run that no other has, or some of every contender; and every run is shown by one at least.
   */
  findMore(): void {
    const names = new Set([...this.#there.values()].map((run) => run.case.setting));
    for (const setting of knownSettings.filter(({ name }) => names.has(name))) {
      const parts = suiteParts.map((part) => ({ part, cases: this.#casesOf(part, setting) }));
      for (const { part, cases } of parts) {
        const others = new Set(
          parts.flatMap((each) => (each.part === part ? [] : each.cases.flat())),
        );
        const own = cases.flat().filter((identity) => !others.has(identity));
        const isHere = (identity: string) => this.#there.has(identity);
        if (own.some(isHere) || cases.every((seeds) => seeds.some(isHere))) this.add(part, setting);
      }
      for (const { part, cases } of parts) {
        const shown = new Set(
          parts.flatMap((each) =>
            this.#settings.get(each.part)?.has(setting) ? each.cases.flat() : [],
          ),
        );
        if (cases.flat().some((identity) => this.#there.has(identity) && !shown.has(identity)))
          this.add(part, setting);
      }
    }
  }

  shown(): ShownPart[] {
    return suiteParts.flatMap((part) => {
      const own = this.#settings.get(part);
      return own ? [{ part, settings: knownSettings.filter((each) => own.has(each)) }] : [];
    });
  }

  /** Of runs that no part shows. */
  unshownWords(): string[] {
    const shown = new Set(
      this.shown().flatMap(({ part, settings }) =>
        settings.flatMap((setting) => this.#casesOf(part, setting).flat()),
      ),
    );
    const left = [...this.#there].filter(([identity]) => !shown.has(identity));
    if (left.length === 0) return [];
    const seeds = [...new Set(left.map(([, { case: one }]) => one.run.seed))].sort((a, b) => a - b);
    const others = seeds.filter((seed) => !this.#scale.seeds.includes(seed));
    const why =
      others.length > 0
        ? `such as those of seed ${others.join(", ")}, which were not asked for`
        : "as this version of the program asks for other settings or learners";
    return [
      `${count(left.length, "run")} of this scale ${left.length === 1 ? "is" : "are"} there too and in no table, ${why}.`,
    ];
  }

  /** Identities of a part's cases by contender. */
  #casesOf(part: SuitePart, setting: SuiteSetting): string[][] {
    return part
      .contenders(setting, this.#scale)
      .map(({ variation }) =>
        this.#scale.seeds.map((seed) => identityOf(caseOf(setting, variation, seed, this.#scale))),
      );
  }
}

/** Of a setting whose runs are there: whether its files are on this machine does not matter. */
const runsOnly = (setting: SuiteSetting): SettingState => ({
  setting,
  data: {
    dataset: setting.dataset,
    folder: null,
    isAtHand: true,
    isDownloaded: false,
    needs: "",
    page: "",
  },
});
