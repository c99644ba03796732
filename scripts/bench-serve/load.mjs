// Load from a process of its own: reads one line of JSON {url, path, type, body (base64), connections,
// seconds, warmup}, asks over kept connections, each as soon as it has its answer, and prints
// {requests, seconds, p50, p99, failed} (times in ms).
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

const { url, path, type, body, connections, seconds, warmup } = JSON.parse(
  await text(process.stdin),
);
const bytes = Buffer.from(body, "base64");
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const headers = { "content-type": type, "content-length": bytes.byteLength };
const times = [];
let failed = 0;
const begin = performance.now() + 1000 * warmup;
const end = begin + 1000 * seconds;

await Promise.all(Array.from({ length: connections }, keepAsking));
agent.destroy();
times.sort((a, b) => a - b);
const quantile = (share) =>
  times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? null;
console.log(
  JSON.stringify({
    requests: times.length,
    seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    failed,
  }),
);

async function keepAsking() {
  for (let now = performance.now(); now < end; now = performance.now()) {
    const status = await ask();
    const then = performance.now();
    if (status !== 200) failed++;
    else if (now >= begin && then <= end) times.push(then - now);
  }
}

function ask() {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    asked.on("error", reject);
    asked.end(bytes);
  });
}
