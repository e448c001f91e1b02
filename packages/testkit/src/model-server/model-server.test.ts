import { afterEach, expect, test } from "vitest";
import { waitFor } from "../wait-for.ts";
import { ModelServer } from "./model-server.ts";

let server: ModelServer;
afterEach(() => server.stop());

const post = (path: string, body: object, signal?: AbortSignal) =>
  fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

const tool = { name: "Bash", description: "", input_schema: { type: "object" } };
const session = "11111111-2222-4333-8444-555555555501";
const anthropic = (text: string) => ({
  model: "m",
  max_tokens: 10,
  messages: [{ role: "user", content: text }],
  tools: [tool],
  metadata: { user_id: `user_1_account__session_${session}` },
});

test("plays a step as a tool call, with the requested usage", async () => {
  server = await ModelServer.start();
  const answer = await post("/v1/messages", anthropic("%%usage in=7 out=3 cacheRead=2 ;; %%gated make"));
  expect(await answer.json()).toMatchObject({
    content: [{ type: "text" }, { type: "tool_use", name: "Bash", input: { command: "make" } }],
    usage: { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: 2 },
  });
  expect(server.truth.conversations.get(session)?.moments.map(({ state }) => state)).toEqual([
    "active",
    "waiting_input",
  ]);
});

test("fails as often as scripted, in the vendor's format", async () => {
  server = await ModelServer.start();
  const ask = () => post("/v1/messages", anthropic("%%error 429 1 7 ;; %%say fine"));
  const refused = await ask();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
  expect(await refused.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  expect((await ask()).status).toBe(200);
  const limit = await post("/v1/responses", {
    model: "m",
    input: [{ role: "user", content: [{ type: "input_text", text: "%%limit 60" }] }],
    tools: [{ type: "function", name: "exec_command", parameters: {} }],
  });
  expect(await limit.json()).toMatchObject({ error: { type: "usage_limit_reached", resets_at: expect.any(Number) } });
});

test("notices when the agent hangs up", async () => {
  server = await ModelServer.start();
  const hangUp = new AbortController();
  const asked = post("/v1/messages", anthropic("%%hang"), hangUp.signal).catch(() => null);
  const states = () => server.truth.conversations.get(session)?.moments.map(({ state }) => state) ?? [];
  await new Promise<void>((resolve) => {
    const stop = server.truth.watch(() => {
      stop();
      resolve();
    });
  });
  expect(states()).toEqual(["active"]);
  const ended = new Promise<void>((resolve) => void server.truth.watch(resolve));
  hangUp.abort();
  await asked;
  await ended;
  expect(states()).toEqual(["active", "idle"]);
});

test("a sub-agent that works beside its main agent keeps the conversation working, and a summary takes as long as it says", async () => {
  server = await ModelServer.start();
  const states = () => server.truth.conversations.get(session)?.moments.map(({ state }) => state) ?? [];
  const aside = post("/v1/messages", anthropic("%%slow 1 ;; %%say aside"));
  await post("/v1/messages", anthropic("%%compact 1 ;; %%say main")).then((answer) => answer.text());
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(states()).toEqual(["active", "active"]);
  await aside.then((answer) => answer.text());
  const asked = Date.now();
  const messages = [
    ...anthropic("%%compact 1 ;; %%say main").messages,
    { role: "assistant", content: "main" },
    { role: "user", content: "Your task is to create a detailed summary of the conversation so far." },
  ];
  await post("/v1/messages", { ...anthropic(""), messages }).then((answer) => answer.text());
  expect(Date.now() - asked).toBeGreaterThan(900);
  await waitFor(() => states().join() === "active,active,idle,active,idle");
  expect(server.truth.timesHeard("detailed summary")).toBe(0);
});

test("an answer can take its time from its first words to its last", async () => {
  server = await ModelServer.start();
  const asked = Date.now();
  const answer = await post("/v1/messages", { ...anthropic("%%stream 1"), stream: true });
  const headers = Date.now() - asked;
  const text = await answer.text();
  expect([headers < 700, Date.now() - asked > 900]).toEqual([true, true]);
  expect(text).toContain("again");
});
