/**
 * An ACP agent for tests, based on the SDK's own agent side, so its input is checked against the protocol. Each line of a prompt is
 * one thing to do (see `DO`). Its requests go to the file $STAND_IN_LOG, one JSON object per line.
 */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { type AgentContext, agent, ndJsonStream, RequestError } from "@agentclientprotocol/sdk";

const flags = new Set(process.argv.slice(2));
const log = (entry: Record<string, unknown>): void => {
  if (process.env.STAND_IN_LOG) appendFileSync(process.env.STAND_IN_LOG, `${JSON.stringify(entry)}\n`);
};
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

let isLoggedIn = !flags.has("--login");
let hasCancelled: () => void = () => undefined;
let calls = 0;
let cancels = 0;

interface Doing {
  client: AgentContext;
  sessionId: string;
  rest: string;
  cancelled: Promise<void>;
}

const tell = ({ client, sessionId }: Doing, update: object): Promise<void> =>
  client.notify("session/update", { sessionId, update } as never);

async function permission(doing: Doing, toolCall: Record<string, unknown>): Promise<string> {
  const toolCallId = `call-${++calls}`;
  await tell(doing, {
    sessionUpdate: "tool_call",
    toolCallId,
    status: "in_progress",
    ...toolCall,
    rawInput: undefined,
  });
  const { outcome } = await doing.client.request("session/request_permission", {
    sessionId: doing.sessionId,
    toolCall: { toolCallId, status: "pending", ...toolCall } as never,
    options: [
      { optionId: "yes", name: "Allow once", kind: "allow_once" },
      { optionId: "ever", name: "Always allow", kind: "allow_always" },
      { optionId: "no", name: "Reject", kind: "reject_once" },
    ],
  });
  const answer = outcome.outcome === "selected" && "optionId" in outcome ? String(outcome.optionId) : "cancelled";
  log({ answered: answer, title: toolCall.title });
  const isDone = answer === "yes" || answer === "ever";
  await tell(doing, {
    sessionUpdate: "tool_call_update",
    toolCallId,
    status: isDone ? "completed" : "failed",
    content: toolCall.content ?? [
      { type: "content", content: { type: "text", text: isDone ? "done" : "not allowed" } },
    ],
  });
  return answer;
}

const message = (doing: Doing, text: string) =>
  tell(doing, { sessionUpdate: "agent_message_chunk", content: { type: "text", text } });

const DO: Record<string, (doing: Doing) => Promise<unknown>> = {
  say: (doing) => message(doing, `${doing.rest}\n`),
  foreign: (doing) => message({ ...doing, sessionId: "of-another" }, "not for you\n"),
  run: (doing) => permission(doing, { title: doing.rest, kind: "execute", rawInput: { command: doing.rest } }),
  shy: (doing) => permission(doing, { title: doing.rest, kind: "execute" }),
  edit: (doing) =>
    permission(doing, {
      title: `edit ${doing.rest}`,
      kind: "edit",
      content: [{ type: "diff", path: doing.rest, oldText: "one\n", newText: "two\n" }],
    }),
  both: ({ rest, ...doing }) => Promise.all(rest.split("|").map((each) => DO.run?.({ ...doing, rest: each }))),
  ask: async (doing) => {
    const [text = "", ...values] = doing.rest.split("|");
    const answer = await doing.client.request("elicitation/create", {
      mode: "form",
      sessionId: doing.sessionId,
      message: text,
      requestedSchema: {
        type: "object",
        properties: { answer: values.length > 0 ? { type: "string", enum: values } : { type: "string" } },
      },
    } as never);
    log({ elicited: answer });
  },
  slow: ({ rest, cancelled }) => Promise.race([sleep(Number(rest)), cancelled]),
  hang: ({ cancelled }) => cancelled,
  until: async ({ rest, cancelled }) => {
    let isOver = false;
    void cancelled.then(() => {
      isOver = true;
    });
    while (!isOver && !existsSync(rest)) await sleep(20);
  },
  fail: async ({ rest }) => {
    throw new RequestError(-32603, rest);
  },
  refuse: async ({ rest }) => {
    throw new RequestError(-32602, rest);
  },
  die: async ({ rest }) => process.exit(Number(rest)),
  noise: async ({ rest }) => void process.stderr.write(`${rest}\n`),
  title: (doing) => tell(doing, { sessionUpdate: "session_info_update", title: doing.rest }),
  cost: (doing) =>
    tell(doing, {
      sessionUpdate: "usage_update",
      used: 10,
      size: 100,
      cost: { amount: Number(doing.rest), currency: "USD" },
    }),
  write: async ({ rest }) => writeFileSync(rest, "written\n"),
};

async function turn(doing: Omit<Doing, "rest">, text: string): Promise<boolean> {
  let isCancelled = false;
  void doing.cancelled.then(() => {
    isCancelled = true;
  });
  for (const line of text.split("\n")) {
    const [, verb = "", rest = ""] = /^(?:Message: )?(\w+) ?(.*)$/.exec(line) ?? [];
    await DO[verb]?.({ ...doing, rest });
    if (isCancelled) return false;
  }
  return true;
}

const needLogin = (): void => {
  if (!isLoggedIn) throw new RequestError(-32000, "Authentication required");
};

if (flags.has("--banner")) process.stdout.write("Welcome to the stand-in!\n\n");
agent({ name: "stand-in" })
  .onRequest("initialize", async ({ params }) => {
    log({ initialize: params });
    return {
      protocolVersion: 1,
      agentInfo: { name: "stand-in", title: "Stand-in", version: "1.0.0" },
      agentCapabilities: { loadSession: !flags.has("--no-load") },
      authMethods: [{ id: "key", name: "With a key" }],
    };
  })
  .onRequest("authenticate", async ({ params }) => {
    log({ authenticate: params.methodId });
    isLoggedIn = true;
    return {};
  })
  .onRequest("session/new", async ({ params, client }) => {
    needLogin();
    log({ new: params });
    if (flags.has("--slow-open")) await sleep(1_500);
    const sessionId = `conversation-${process.pid}`;
    setTimeout(() => {
      void client.notify("session/update", {
        sessionId,
        update: { sessionUpdate: "available_commands_update", availableCommands: [{ name: "init", description: "" }] },
      });
    }, 0);
    return {
      sessionId,
      modes: {
        currentModeId: "code",
        availableModes: [
          { id: "code", name: "Code" },
          { id: "plan", name: "Plan" },
        ],
      },
      configOptions: [
        {
          id: "model",
          name: "Model",
          category: "model",
          type: "select",
          currentValue: "small",
          options: [
            { value: "small", name: "Small" },
            { value: "big", name: "Big" },
          ],
        },
      ],
    };
  })
  .onRequest("session/load", async ({ params, client }) => {
    log({ load: params });
    if (flags.has("--forget")) throw new RequestError(-32002, "Session not found");
    const doing = { client, sessionId: params.sessionId, rest: "", cancelled: new Promise<void>(() => undefined) };
    await tell(doing, { sessionUpdate: "user_message_chunk", content: { type: "text", text: "what I said before" } });
    await message(doing, "what I answered before\n");
    return {};
  })
  .onRequest("session/set_mode", async ({ params }) => {
    log({ mode: params.modeId });
    return {};
  })
  .onRequest("session/set_config_option", async ({ params }) => {
    log({ option: params });
    return { configOptions: [] };
  })
  .onRequest("session/prompt", async ({ params, client }) => {
    const text = params.prompt.map((block) => ("text" in block ? block.text : "")).join("");
    log({ prompt: text });
    const cancelled = new Promise<void>((done) => {
      hasCancelled = done;
    });
    const isWhole = await turn({ client, sessionId: params.sessionId, cancelled }, String(text));
    const usage = { inputTokens: 100, outputTokens: 10, cachedReadTokens: 5, totalTokens: 115 };
    return { stopReason: isWhole ? "end_turn" : "cancelled", usage } as never;
  })
  .onNotification("session/cancel", async () => {
    log({ cancel: true });
    if (++cancels > (flags.has("--deaf-at-first") ? 2 : 0)) hasCancelled();
  })
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout) as WritableStream<Uint8Array>,
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );
if (flags.has("--deaf")) process.on("SIGTERM", () => undefined);
else process.stdin.on("end", () => process.exit(0));
