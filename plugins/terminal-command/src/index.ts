import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { PluginModule, Session } from "@agent-orchestrator/core/slots/common";
import type { AttachCommand, OpenOptions, Terminal } from "@agent-orchestrator/core/slots/terminal";
import { startOnDesktop } from "@agent-orchestrator/plugin-kit/desktop";
import { shellJoin } from "@agent-orchestrator/plugin-kit/quote";
import { manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";

/** The program's arguments for one session. `{attach}` alone becomes several, and within a word it is quoted for a shell. */
export function argvFor(words: readonly string[], { id }: Pick<Session, "id">, { argv }: AttachCommand): string[] {
  return words.flatMap((word) =>
    word === "{attach}"
      ? argv
      : [word.replaceAll(/\{(session|attach)\}/g, (_, name) => (name === "session" ? id : shellJoin(argv)))],
  );
}

export const create: PluginModule<Terminal>["create"] = (config, context) => {
  const { open } = parseOptions(config);
  const clock = context?.clock ?? systemClock;
  const openSession = async (session: Session, options: OpenOptions): Promise<void> => {
    const attach = await options.attach(session);
    await startOnDesktop(argvFor(open, session, attach), { env: { ...options.env, ...attach.env }, clock });
  };
  return {
    name: "command",
    openSession,
    async openAll(sessions, options) {
      for (const session of sessions) await openSession(session, options);
    },
  };
};

export { manifest };

export default { manifest, create } satisfies PluginModule<Terminal>;
