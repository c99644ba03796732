import type { ForgettingRun } from "../experiments/forgetting.js";
import type { AccuracyMatrix } from "../metrics/accuracy-matrix.js";
import { estimate } from "../metrics/statistics.js";
import { drawFirstTask } from "./charts/tasks.js";
import { type ForgettingGroup, forgettingRows, groupRuns } from "./forgetting-table.js";
import { escapeHtml } from "./format.js";
import { footer } from "./html.js";
import { page, section, table } from "./page.js";

const kinds = [
  ["overall", "The class is predicted among all classes."],
  ["within", "The class is predicted among those of the sample's task, as if the task were known."],
] as const;

/**
 * The page of a forgetting experiment. The same runs give the same page.
 * @param runs at least one.
 */
export function renderForgetting(runs: readonly ForgettingRun[]): string {
  const { record } = runs[0] as ForgettingRun;
  const groups = groupRuns(runs);
  const seeds = new Set(runs.map(({ record: { seed } }) => seed)).size;
  const setting =
    `${record.dataset} learned by ${record.model} · ${record.items} items of ${record.batch} in ` +
    `${record.order} order · learning rate ${record.learningRate} · pressure ` +
    `${record.pressure.toPrecision(3)} · compensation of the pipeline ` +
    `${runs.at(-1)?.record.compensation} · seeds: ${seeds}`;
  return page("What is forgotten", [
    `<p class="setting">${escapeHtml(setting)}</p>`,
    section("Results", table(forgettingRows(runs)), [
      "Percentage points of test accuracy at the end, ± the standard error over seeds. " +
        "Forgetting: what each task but the last has lost of its best accuracy. Backward: what " +
        "later tasks did to it since it was learned. Forward: what earlier tasks did for it " +
        "before. Within: the class is predicted among those of the sample's task. Online: before " +
        "learning, over the whole stream.",
    ]),
    ...[...new Set(groups.map(({ learner }) => learner))].flatMap((learner) =>
      kinds.map(([kind, note]) => {
        const own = groups.filter((group) => group.learner === learner);
        const curves = own.map((group) => ({
          name: group.algorithm,
          matrix: meanMatrix(group, kind),
        }));
        return section(`First task, ${learner}, ${kind}`, drawFirstTask(curves), [note]);
      }),
    ),
    ...groups.map((group) =>
      section(`Accuracy matrix, ${group.learner}, ${group.algorithm}`, table(matrixRows(group)), [
        "Over all classes: one row after each task learned, one column per task; mean over seeds.",
      ]),
    ),
    footer(runs.map((run) => run.record)),
  ]);
}

function matrixRows(group: ForgettingGroup): string[][] {
  const matrix = meanMatrix(group, "overall");
  const header = ["tasks learned", ...(matrix[0] ?? []).map((_, task) => `task ${task + 1}`)];
  return [
    header,
    ...matrix.map((row, learned) => [`${learned}`, ...row.map((value) => value.toFixed(1))]),
  ];
}

/** Mean over the seeds, element by element. */
function meanMatrix({ runs }: ForgettingGroup, kind: "overall" | "within"): AccuracyMatrix {
  const matrices = runs.map((run) => run[kind]);
  const [first = []] = matrices;
  return first.map((row, learned) =>
    row.map((_, task) => estimate(matrices.map((each) => each[learned]?.[task] as number)).mean),
  );
}
