import { stderr } from "node:process";
import { InputError } from "../errors.js";
import { ProgressLine, timeLeft } from "../progress.js";
import type { ResultRecord } from "../record.js";
import type { SuiteCase } from "../suite/case.js";
import type { Progress, SuiteOptions } from "../suite/run-suite.js";
import { Failures } from "./failures.js";
import { announce } from "./output.js";

/** Milliseconds between two lines where they are not drawn over one another, as in a scheduler's log. */
const pause = 30_000;

/** What people see of a suite while it runs: how far it is, what failed, and each remark of its workers once. */
export class SuiteProgress implements Pick<SuiteOptions, "onRun" | "onFailure" | "onWaiting"> {
  readonly failures = new Failures();
  readonly #line: ProgressLine;
  readonly #began = performance.now();
  readonly #told = new Set<string>();
  #toldAt = performance.now();
  #made = 0;

  constructor(names: readonly string[], total: number) {
    this.#line = new ProgressLine(`suite ${names.join(" ")}`, total, "runs");
    this.onRun = this.onRun.bind(this);
    this.onFailure = this.onFailure.bind(this);
    this.onWaiting = this.onWaiting.bind(this);
  }

  onRun(one: SuiteCase, { label }: ResultRecord, { done, total }: Progress): void {
    this.failures.release();
    this.#made += 1;
    this.#line.update(done, `${one.setting}, ${label}, seed ${one.run.seed}`);
    if (stderr.isTTY || performance.now() - this.#toldAt < pause) return;
    this.#toldAt = performance.now();
    const left = timeLeft(this.#began, this.#made, this.#made + total - done);
    announce([`${done} of ${total} runs${left}`]);
  }

  onFailure(
    { setting, run }: SuiteCase,
    { message, isInput }: Parameters<SuiteOptions["onFailure"]>[1],
    { done, total }: Progress,
  ): void {
    this.#line.clear();
    const error = isInput ? new InputError(message) : new Error(message);
    const name = `${setting}, ${run.method}, ${run.algorithm}, seed ${run.seed}`;
    this.failures.add({ runs: 1, name, error }, done, total);
  }

  onWaiting(runs: number): void {
    this.tell(`waiting for ${runs} run${runs === 1 ? "" : "s"} that other processes are at`);
  }

  /** A remark, the first time that it is made. */
  tell(line: string): void {
    const text = line.replace(/^ferret: /, "");
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#line.clear();
    announce([text]);
  }

  clear(): void {
    this.#line.clear();
  }
}
