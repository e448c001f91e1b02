import { systemClock } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginModule } from "@agent-orchestrator/core/slots/common";
import type { OpenOptions, Terminal } from "@agent-orchestrator/core/slots/terminal";
import { browserOpener, startOnDesktop } from "@agent-orchestrator/plugin-kit/desktop";
import { manifest } from "./manifest.ts";

export const create: PluginModule<Terminal>["create"] = (_config, context) => {
  const clock = context?.clock ?? systemClock;
  const open = async (address: string, { env }: OpenOptions): Promise<void> => {
    const opener = browserOpener(env);
    if (opener === null) {
      throw new AoError("UNAVAILABLE", "there is no browser to open here", {
        hint: `Open this link on this machine within a minute: ${address}`,
      });
    }
    await startOnDesktop([opener, address], { env, clock });
  };
  return {
    name: "web",
    openSession: async (session, options) => await open(await options.page(session), options),
    /** The dashboard shows all of them. */
    openAll: async (_sessions, options) => await open(await options.page(null), options),
  };
};

export { manifest };

export default { manifest, create } satisfies PluginModule<Terminal>;
