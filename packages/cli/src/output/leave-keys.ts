import { runChild } from "./child.ts";
import type { Io } from "./io.ts";

interface Outer {
  prefixes: string[];
  /** The keys that send a prefix to the program inside. */
  passOn: Map<string, string[]>;
}

/**
 * How to leave an attached terminal. The user's own tmux takes its prefix for itself, so it has to be sent through. With the same prefix in both,
 * `C-b d` would leave the outer one.
 */
export async function leaveHint(io: Io, attached: { detachHint: string; detachKeys?: string[] }): Promise<string> {
  const { detachHint, detachKeys } = attached;
  const outer = detachKeys === undefined || !io.env.TMUX ? null : await outerTmux(io);
  const taken = detachKeys?.find((key) => outer?.prefixes.includes(key));
  if (outer === null || detachKeys === undefined || taken === undefined) return detachHint;
  const through = outer.passOn.get(taken);
  if (through === undefined) {
    return `Your tmux takes ${keyName(taken)} for itself, so close this pane to leave. The agent continues.`;
  }
  const keys = detachKeys.flatMap((key) => (key === taken ? through : [key]));
  return `Press ${keys.map(keyName).join(" ")} to leave. The agent continues.`;
}

/** The prefixes and bindings of the tmux that this terminal belongs to. Null when it does not answer. */
async function outerTmux({ env }: Io): Promise<Outer | null> {
  const ask = async (...args: string[]) => (await runChild(["tmux", ...args], { env, isCaptured: true })).stdout;
  try {
    const [first = "", second = ""] = (await ask("display-message", "-p", "#{prefix}\n#{prefix2}")).trim().split("\n");
    const bindings = await ask("list-keys", "-T", "prefix");
    const bound = (flag: string) =>
      new RegExp(`\\s-T prefix\\s+(\\S+)\\s+send-prefix${flag}\\s*$`, "m").exec(bindings)?.[1];
    const passOn = new Map<string, string[]>();
    for (const [prefix, key] of [
      [second, bound(" -2")],
      [first, bound("")],
    ] as const) {
      if (key !== undefined) passOn.set(prefix, [first, key]);
    }
    return { prefixes: [first, second].filter((prefix) => prefix !== "" && prefix !== "None"), passOn };
  } catch {
    return null; // tmux is gone, so nothing takes our keys
  }
}

const keyName = (key: string): string => key.replace(/^C-/, "Ctrl-").replace(/^M-/, "Alt-");
