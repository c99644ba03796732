// Our training step against PyTorch's, alternating in one run; `npm run bench:peers -- --help`.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { measureCase } from "./bench-peers/measure.mjs";
import { help, OptionError, readOptions } from "./bench-peers/options.mjs";
import { Peer, PeerEnded } from "./bench-peers/peer.mjs";
import { Progress } from "./bench-peers/progress.mjs";
import { providePyTorch, python } from "./bench-peers/pytorch.mjs";
import { table, writeRows } from "./bench-peers/report.mjs";

const oursPath = fileURLToPath(new URL("./bench-peers/ours.mjs", import.meta.url));
const torchPath = fileURLToPath(new URL("./bench-peers/torch_step.py", import.meta.url));
const resultPath = fileURLToPath(new URL("../results/peers.json", import.meta.url));

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await bench(options);
} catch (error) {
  if (!(error instanceof OptionError || error instanceof PeerEnded)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function bench({ cases, rounds, blockMs }) {
  const stop = onInterrupt();
  const { found, notes } = await providePyTorch();
  for (const note of notes) console.log(note);
  const ours = new Peer(process.execPath, [oursPath]);
  const torch = found ? new Peer(python, [torchPath]) : null;
  const description = await ours.ready();
  console.log(torch ? `${description}; ${await torch.ready()}` : description);

  const results = await measureAll(cases, { ours, torch }, { rounds, blockMs, stop });
  ours.end();
  torch?.end();
  if (results.length === 0) {
    console.log("Nothing was measured, nothing is written");
  } else {
    // A limit is what the machine can do at all, so the best of the whole run stands for it.
    const limit = Math.max(...results.map(({ product }) => product));
    const rows = results.map(({ row, rate }) => ({ ...row, ofLimit: rate / limit }));
    console.log(table(rows));
    console.log(`Limit: ${Math.round(limit / 1e6)} GFLOP/s, a matrix product on one thread`);
    writeRows(resultPath, rows);
    console.log(`Written to ${relative(process.cwd(), resultPath)}`);
  }
  if (stop.requested) process.exitCode = 130;
}

async function measureAll(cases, peers, { rounds, blockMs, stop }) {
  // What a round of a model takes, roughly; a block holds three steps at least.
  const work = ({ typicalMs }) => 2 * Math.max(blockMs, 3 * typicalMs);
  const progress = new Progress(cases.reduce((sum, item) => sum + rounds * work(item), 0));
  const results = [];
  for (const item of cases) {
    if (stop.requested) break;
    const label = `${item.model}, batch ${item.batch}`;
    progress.advance(label, 0);
    const result = await measureCase(item, peers, {
      rounds,
      blockMs,
      stopped: () => stop.requested,
      onRound: () => progress.advance(label, work(item)),
    });
    progress.clear();
    if (result === null) break;
    if ("unavailable" in result)
      console.log(`${label}: not available in the native runtime (${result.unavailable})`);
    else results.push(result);
  }
  return results;
}

/** The first Ctrl-C ends the run after the block it is in; a second one ends at once. */
function onInterrupt() {
  const stop = { requested: false };
  process.on("SIGINT", () => {
    if (stop.requested) process.exit(130);
    stop.requested = true;
    process.stderr.write("\nStopping; what there is will be written (Ctrl-C again: at once)\n");
  });
  return stop;
}
