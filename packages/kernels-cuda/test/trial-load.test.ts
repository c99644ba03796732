import { expect, it } from "vitest";
import { trialComplaints } from "../src/load.js";

const candidate = (trial: string) =>
  ({ name: "cpu", path: "node:os", trial, remedy: "none" }) as const;

it("a trial load tells of each candidate why it cannot be used, also where one ends the process", () => {
  const works = candidate("addon.cpus()");
  const throws = candidate('throw new Error("no device")');
  const ends = candidate('process.kill(process.pid, "SIGKILL")');
  const prints = candidate('process.stdout.write("[]\\n"); process.stderr.write("Error: odd")');
  expect(trialComplaints([])).toEqual([]);
  expect(trialComplaints([works, throws, prints])).toEqual([null, "no device", null]);
  const ended = "a trial load ended with SIGKILL";
  expect(trialComplaints([works, ends, throws])).toEqual([null, ended, "no device"]);
  expect(trialComplaints([candidate("process.exit(3)")])).toEqual(["a trial load ended with 3"]);
});
