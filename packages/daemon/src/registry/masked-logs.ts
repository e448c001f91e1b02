import type { SCM } from "@agent-orchestrator/core/slots/scm";

/** Logs go to agents and into events, and whoever writes to them may not know what must not. */
export function withMaskedLogs<T extends Pick<SCM, "getCheckLog">>(scm: T, mask: (text: string) => string): T {
  const read = scm.getCheckLog?.bind(scm);
  if (read === undefined) return scm;
  const masked: Pick<SCM, "getCheckLog"> = { getCheckLog: async (...call) => mask(await read(...call)) };
  // The plugin may have frozen it.
  return Object.isExtensible(scm) ? Object.assign(scm, masked) : { ...scm, ...masked };
}
