// Training steps on the binary that was built for this machine and on a portable one of build/Portable,
// alternating, on one thread. It is not a check. Quiet machines only.
//
//   npm run bench:portable -- [--isa avx512] [--models a,b] [--rounds 9]
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases } from "./bench-peers/cases.mjs";
import { measureCase } from "./bench-peers/measure.mjs";
import { Peer, PeerEnded } from "./bench-peers/peer.mjs";

const { values: words } = parseArgs({
  options: {
    isa: { type: "string", default: "avx512" },
    models: { type: "string" },
    rounds: { type: "string", default: "9" },
  },
});
const wanted = words.models?.split(",");
const path = fileURLToPath(new URL("./bench-peers/ours.mjs", import.meta.url));

try {
  const native = new Peer(process.execPath, [path], { FERRET_ISA: "" });
  const portable = new Peer(process.execPath, [path], { FERRET_ISA: words.isa });
  console.log(`built here: ${await native.ready()}\nportable:   ${await portable.ready()}`);
  for (const item of cases) {
    if (wanted && !wanted.includes(item.model)) continue;
    const { row, unavailable } = await measureCase(
      item,
      { ours: native, torch: portable },
      { rounds: Number(words.rounds), blockMs: 300, stopped: () => false, onRound: () => {} },
    );
    const label = `${item.model}, batch ${item.batch}`.padEnd(28);
    if (row === undefined) {
      console.log(`${label}${unavailable}`);
      continue;
    }
    const { oursMs, torchMs, oursSpread, torchSpread } = row;
    console.log(
      `${label}built here ${oursMs.toFixed(3)} ms (${oursSpread.toFixed(3)})   ` +
        `portable ${torchMs.toFixed(3)} ms (${torchSpread.toFixed(3)})   ` +
        `${((100 * torchMs) / oursMs).toFixed(1)} % of the time`,
    );
  }
  native.end();
  portable.end();
} catch (error) {
  if (!(error instanceof PeerEnded)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
