import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import type { AgentAtWork } from "@agent-orchestrator/testkit/contracts/agent-at-work";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { create } from "./index.ts";
import { stage } from "./testing/stage.ts";

const SESSION = { sessionID: "ses_1" };
const REQUEST = {
  ...{ ...SESSION, id: "per_1", permission: "bash", patterns: ["make all"], always: ["make *"] },
  ...{ metadata: { command: "make all" }, tool: { messageID: "msg_1", callID: "call_1" } },
};

/** The stand-in of its server, with one conversation. */
async function atWork(): Promise<AgentAtWork> {
  const { server, session, terminal, record } = await stage({ conversation: "ses_1" });
  server.sessions.push({ id: "ses_1", directory: record.directory, time: { created: 1 } });
  const be = (type: "busy" | "idle") => {
    server.statuses = type === "idle" ? {} : { ses_1: { type } };
    server.tell("session.status", { ...SESSION, status: { type } });
  };
  let count = 0;
  return {
    agent: create({}, pluginContext()),
    session,
    terminal,
    work: () => be("busy"),
    rest: () => be("idle"),
    ask() {
      be("busy");
      server.permissions.push(REQUEST);
      server.tell("permission.asked", REQUEST);
    },
    answers: () => server.said(/POST \/permission\/per_1\/reply/),
    messages: ["the first", "the second"],
    received: () =>
      server.messages
        .filter(({ info }) => info.role === "user")
        .map(({ parts }) => parts.map(({ text }) => text).join("|")),
    interrupts: () => server.said(/POST \/session\/ses_1\/abort/).length,
    say(words) {
      const id = `msg_said_${++count}`;
      const info = { ...SESSION, id, role: "assistant", time: { created: count } };
      server.messages.push({
        info,
        parts: [{ ...SESSION, id: `prt_${count}`, messageID: id, type: "text", text: words }],
      });
    },
  };
}

agentContract("opencode", { create: () => create(), atWork });
