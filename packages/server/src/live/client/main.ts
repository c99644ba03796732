import { type LivePoint, type LiveSnapshot, pointOf } from "../snapshot.js";
import { Charts } from "./charts.js";
import { eventsOf } from "./events.js";
import { showGrid } from "./grid.js";
import { find, showPanels } from "./panels.js";

/** Milliseconds until a broken connection is tried again. */
const pause = 1000;
/** Points of the page's own, beyond those that the server kept. */
const mostPoints = 4000;

const charts = new Charts();
let points: LivePoint[] = [];
let budget: number | null = null;

function say(text: string, isLive: boolean): void {
  const state = find("#state");
  state.textContent = text;
  state.dataset.live = isLive ? "yes" : "no";
}

function authorisation(): Record<string, string> {
  const token = sessionStorage.getItem("token");
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

/** What the server tells of the past, and what the page has seen of a server before this one. */
function takePast(past: readonly LivePoint[]): void {
  const first = past[0]?.at ?? Number.POSITIVE_INFINITY;
  points = [...points.filter(({ at }) => at < first), ...past];
}

function takeNow(now: LiveSnapshot): void {
  const scale = now.score?.isShare ? 100 : 1;
  const last = points.at(-1);
  if (!last || now.at > last.at) points.push(pointOf(now));
  if (points.length > mostPoints) points = points.filter((_, index) => index % 2 === 0);
  budget = now.memory.budget;
  const times = (value: number | null) => (value === null ? null : scale * value);
  charts.show(
    points.map((point) => ({ ...point, recent: times(point.recent), all: times(point.all) })),
  );
  showPanels(now, rateOf(points));
  showGrid(now);
}

/** Items a second over the newest few seconds. */
function rateOf(points: readonly LivePoint[]): number | null {
  const last = points.at(-1);
  const from = points.find(({ at }) => last !== undefined && last.at - at <= 5000);
  if (!last || !from || from === last || last.items < from.items) return null;
  return (1000 * (last.items - from.items)) / (last.at - from.at);
}

async function follow(): Promise<void> {
  for (;;) {
    try {
      const response = await fetch("events", { headers: authorisation(), cache: "no-store" });
      if (response.status === 401) {
        find("#key").hidden = false;
        const isWrong = sessionStorage.getItem("token") !== null;
        say(isWrong ? "that is not the token" : "a token is needed", false);
        sessionStorage.removeItem("token");
        return;
      }
      if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
      find("#key").hidden = true;
      find("#plan").hidden = response.headers.get("x-ferret-plan") !== "yes";
      say("live", true);
      for await (const { name, data } of eventsOf(response.body))
        if (name === "past") takePast(data as LivePoint[]);
        else if (name === "now") takeNow(data as LiveSnapshot);
        else if (name === "over") {
          say("over; this is how it ended", true);
          return;
        }
      say("ended; waiting for it to come back", false);
    } catch {
      say("no connection; trying again", false);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

find("#key").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", find<HTMLInputElement>("#token").value);
  void follow();
});

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-factor]"))
  button.addEventListener("click", () => {
    if (budget === null) return answer("There is no budget yet: write one, such as 40MiB");
    find<HTMLInputElement>("#budget").value =
      `${Math.round(budget * Number(button.dataset.factor))}`;
  });

find("#plan form").addEventListener("submit", (event) => {
  event.preventDefault();
  void plan();
});

async function plan(): Promise<void> {
  const memory = find<HTMLInputElement>("#budget").value.trim();
  const interval = find<HTMLInputElement>("#interval").value.trim();
  const change = {
    ...(memory !== "" && { memoryBudget: /^\d+$/.test(memory) ? Number(memory) : memory }),
    ...(interval !== "" && { arrivalInterval: interval === "none" ? null : interval }),
  };
  if (Object.keys(change).length === 0) return answer("Write a budget, or a time between items");
  answer("planning");
  try {
    const response = await fetch("plan", {
      method: "POST",
      headers: { ...authorisation(), "content-type": "application/json" },
      body: JSON.stringify(change),
    });
    const told = (await response.json()) as { error?: string };
    answer(response.ok ? "The new plan is at work" : (told.error ?? `status ${response.status}`));
  } catch {
    answer("No answer came; the plan is as it was, or is being made");
  }
}

function answer(text: string): void {
  find("#answer").textContent = text;
}

void follow();
