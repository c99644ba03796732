// A learner behind HTTP, in Node alone: POST /predict {x}, POST /learn {x, y}, GET /metrics. Ctrl-C and
// SIGTERM let what was taken in be learned. Classifies points of a plane: x is two numbers, or many twos.
import { createServer } from "node:http";
import { createLearner, InputError } from "@ferret-ocl/pipeline";

const learner = await createLearner({
  model: "mlp",
  inputShape: [2],
  classes: 2,
  memoryBudget: "4MiB",
  // Else what comes while all workers are busy is dropped.
  whenBusy: "wait",
});
const mostBytes = 1e6;
let learned = 0;
const routes = {
  "POST /predict": async ({ x }) => {
    const { labels, probabilities } = await learner.predict(x);
    return { labels: [...labels], probabilities: [...probabilities] };
  },
  "POST /learn": async ({ x, y }) => {
    const taken = await learner.learn(x, y);
    learned += taken;
    return { learned: taken };
  },
  "GET /metrics": () => ({ learned, memory: learner.metrics().memory.total }),
};

const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const route = routes[`${request.method} ${request.url}`];
  if (!route) return answer(404, { error: `Expected one of ${Object.keys(routes).join(", ")}` });
  try {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) {
      text += chunk;
      if (text.length > mostBytes) return answer(413, { error: "Expected up to 1 MB" });
    }
    answer(200, await route(Object(text === "" ? {} : JSON.parse(text))));
  } catch (error) {
    const isTheirs = error instanceof InputError || error instanceof SyntaxError;
    answer(isTheirs ? 400 : 500, { error: error.message });
  }
});
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () =>
    server
      .close(async () => {
        await learner.finish();
        console.log(`learned ${learned}`);
        await learner.dispose();
      })
      .closeIdleConnections(),
  );
