import {
  formatBytes,
  type MemoryPrediction,
  noOverheads,
  type Plan,
  parseProfile,
} from "@ferret-ocl/planner";
import type { Command } from "commander";
import { planUnder } from "../budget.js";
import { parseBudget, parseDuration } from "../config.js";
import { readParsed } from "../files.js";
import { print } from "./output.js";

/** `ferret plan`: partition and configuration for a profile under a budget. */
export function definePlan(program: Command): void {
  program
    .command("plan")
    .description("plan partition and configuration for a profile under a memory budget")
    .requiredOption("--profile <file>", "profile, as ferret profile --json writes it")
    .requiredOption("--arrival <duration>", "time between items, such as 5ms")
    .option("--memory-budget <size|name>", "such as 40MiB, or min, 2bw, none", "none")
    .option("--json", "print the plan as JSON and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret profile --model mnistnet --json > profile.json\n" +
        "  ferret plan --profile profile.json --memory-budget 40MiB --arrival 5ms\n",
    )
    .action((raw: { profile: string; arrival: string; memoryBudget: string; json?: boolean }) => {
      const arrivalInterval = parseDuration(raw.arrival, "--arrival");
      const budget = parseBudget(raw.memoryBudget);
      const profile = readParsed(raw.profile, "a profile", parseProfile);
      const { plan } = planUnder(budget, {
        profile,
        arrivalInterval,
        overheads: noOverheads,
      });
      print(
        raw.json
          ? JSON.stringify(plan)
          : describePlan(
              plan,
              profile.layers.map(({ name }) => name),
            ),
      );
    });
}

/** A plan in words: stages with their layers, workers with their techniques, memory by category. */
function describePlan(plan: Plan, layerNames: readonly string[]): string {
  const lines = [
    `${plan.model}: ${plan.stageCount} stages, ${plan.workerCount} workers, adaptation rate ` +
      `${plan.adaptationRate.toPrecision(4)} per ms`,
  ];
  plan.partition.forEach((start, stage) => {
    const names = layerNames.slice(start, plan.partition[stage + 1] ?? layerNames.length);
    lines.push(`  stage ${stage}: ${names.join(", ")}`);
  });
  plan.workers.forEach((worker, index) => {
    const techniques = [
      worker.recompute ? "recomputes activations" : "",
      worker.accumulate.some((count) => count > 1)
        ? `accumulates ${worker.accumulate.join("/")} gradients`
        : "",
      worker.omit.some((count) => count > 0) ? `omits ${worker.omit.join("/")} backwards` : "",
    ].filter(Boolean);
    lines.push(`  worker ${index}: ${techniques.join(", ") || "no technique"}`);
  });
  lines.push(describeMemory(plan.memory));
  return lines.join("\n");
}

function describeMemory({ total, byCategory }: MemoryPrediction): string {
  const parts = Object.entries(byCategory)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([category, bytes]) => `    ${category.padEnd(14)}${formatBytes(bytes).padStart(12)}`);
  return [`  memory ${formatBytes(total)}`, ...parts].join("\n");
}
