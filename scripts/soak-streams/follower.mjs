// One process of soak-streams.mjs: follows a stream from where its checkpoint stands to the end, and
// prints what it is then. It may be killed at any moment.
import { createHash } from "node:crypto";
import { connectNats, follow, natsPredictions, natsSource, Service } from "@ferret-ocl/server";

// In order, so that predictions repeat to the bit, where time is simulated; otherwise as usual.
const { url, state, stream, learner, every } = JSON.parse(process.argv[2]);
const inFlight = learner.clock.kind === "virtual" ? 1 : 16;
const connection = await connectNats(url);
const service = await Service.open({ learner, state });
const source = await natsSource({
  connection,
  subjects: [`${stream}.items`, `${stream}.labels`],
  endless: false,
});
const predictions = natsPredictions(connection, `${stream}-predictions`);
const counts = await follow(service, {
  sources: [source],
  predictions,
  every: { items: every },
  inFlight,
}).ended;
const { count: waiting } = service.waiting;
const { items, dropped } = service.learner.metrics();
const bytes = Buffer.from(service.learner.parameters().buffer);
const parameters = createHash("sha256").update(bytes).digest("hex");
console.log(
  JSON.stringify({
    counts,
    waiting,
    items,
    dropped,
    parameters,
    position: service.positionOf(source.name),
  }),
);
await service.close();
await connection.close();
