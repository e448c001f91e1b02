import { answer } from "../act/answer.ts";
import type { ActCall } from "../act/call.ts";
import { deliver } from "../act/deliver.ts";
import { interrupt } from "../act/interrupt.ts";
import { notify } from "../act/notify.ts";
import { closeIssue, merge, openPr } from "../act/pull-request.ts";
import { remove } from "../act/remove.ts";
import { type Prompting, start } from "../act/start.ts";
import { stop } from "../act/stop.ts";
import { continuationPrompt, firstPrompt } from "../decide/prompts.ts";
import { AoError, assertNever } from "../model/errors.ts";
import type { State } from "../model/state.ts";
import type { Perform } from "./executor.ts";
import type { World } from "./world.ts";

/** Which file carries out which action. */
export function createPerform(world: World, state: () => State): Perform {
  return async ({ sessionId, action, signal, tell }) => {
    const record = state().sessions[sessionId];
    if (record === undefined) return [];
    if (action.kind === "notify") {
      await notify({
        record,
        notification: action.notification,
        key: action.key,
        clock: world.clock,
        log: world.log,
        signal,
        current: () => state().sessions[sessionId],
        channels: (priority) => world.channels(record, priority),
        ring: (text) => world.ring(text),
      });
      return [];
    }
    // An agent can be ended whatever became of its config.
    if (action.kind === "stop") return stop({ record, plugins: world.plugins(record), signal }, action.launch);
    const project = world.project(record);
    if (project === null) {
      throw new AoError("CONFIG", `the config of ${record.projectId} is missing or broken`, {
        hint: "Mend it (`ao config validate`), then try again.",
      });
    }
    const call: ActCall = {
      record,
      project,
      plugins: world.plugins(record),
      paths: world.paths(record),
      clock: world.clock,
      log: world.log,
      signal,
      tell,
      agentConfig: () => world.agentConfig(record),
      environment: () => world.environment(record),
    };
    switch (action.kind) {
      case "start":
        return start(call, action, prompting(call));
      case "remove":
        return remove(call, action);
      case "deliver":
        return deliver(call, action.messageId);
      case "interrupt":
        return interrupt(call);
      case "answer":
        return answer(call, action);
      case "open-pr":
        return openPr(call, action);
      case "merge":
        return merge(call, action);
      case "close-issue":
        return closeIssue(call, action);
      default:
        return assertNever(action);
    }
  };
}

function prompting(call: ActCall): Prompting {
  return {
    first: async (issueText) => firstPrompt({ record: call.record, project: call.project, issueText }),
    continuation: (firstPromptFile) =>
      continuationPrompt({ record: call.record, project: call.project, firstPromptFile }),
  };
}
