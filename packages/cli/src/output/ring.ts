import { oneLine } from "@agent-orchestrator/core/model/text";

/** The bell and a notification of the terminal (OSC 9), wrapped so that tmux passes it on. */
export function ringText(env: Readonly<Record<string, string>>, text: string): string {
  const notification = `\u001b]9;${oneLine(text, 200)}\u0007`;
  if (env.TMUX === undefined) return `\u0007${notification}`;
  return `\u0007\u001bPtmux;${notification.replaceAll("\u001b", "\u001b\u001b")}\u001b\\`;
}
