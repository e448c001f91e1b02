import { AoError } from "../model/errors.ts";
import type { AgentTerminal } from "../slots/agent-terminal.ts";
import type { RuntimeHandle } from "../slots/common.ts";
import type { Runtime } from "../slots/runtime.ts";

/** What an agent plugin can see and do in the terminal of its program. */
export function agentTerminal(runtime: Runtime, handle: RuntimeHandle): AgentTerminal {
  return {
    screen: async (options) => (await runtime.getScreen?.(handle, options)) ?? null,
    write: ({ text, how, ...of }, options) => runtime.sendMessage(handle, text, { ...options, ...of, paste: how }),
    async press(keys) {
      if (runtime.sendKeys === undefined) throw new AoError("REFUSED", "this runtime cannot press keys");
      await runtime.sendKeys(handle, keys);
    },
  };
}
