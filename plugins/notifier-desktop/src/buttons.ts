import { parseCallback } from "@agent-orchestrator/core/model/callback";
import type { NotifyAction } from "@agent-orchestrator/core/slots/notifier";
import { line, safeUrl } from "@agent-orchestrator/plugin-kit/notice";
import type { Button, Press } from "./screen.ts";

/** More than any desktop has room for. */
const MAX_BUTTONS = 8;
const MAX_LABEL = 40;
const DEFAULT = "default";

/** A click on the notification itself is *Open*, which harms nobody. */
export function buttonsOf(actions: readonly NotifyAction[]): Button[] {
  const usable = actions.flatMap((action) => {
    const press = pressOf(action);
    return press === null ? [] : [{ label: labelOf(action.label), press }];
  });
  const open = usable.find(({ press }) => isOpen(press)) ?? usable.find(({ press }) => press.kind === "url");
  const named = usable.slice(0, MAX_BUTTONS).map((one, index) => ({ key: `b${index + 1}`, ...one }));
  return open === undefined ? named : [{ key: DEFAULT, ...open }, ...named];
}

/** How many of the actions are left out. */
export const isCut = (actions: readonly NotifyAction[]): boolean => actions.length > MAX_BUTTONS;

function pressOf({ url, callbackEndpoint: endpoint }: NotifyAction): Press | null {
  const callback = endpoint === undefined ? null : parseCallback(endpoint);
  if (callback !== null && endpoint !== undefined) {
    return callback.kind === "merge"
      ? { kind: "merge", endpoint, session: callback.session }
      : { kind: "act", endpoint };
  }
  const address = safeUrl(url);
  return address === null ? null : { kind: "url", url: address };
}

const isOpen = (press: Press): boolean => press.kind === "act" && parseCallback(press.endpoint)?.kind === "open";

/** GTK and Qt may take these for the mark of a keyboard shortcut. They look almost the same as the characters that are none. */
const MARKS: Readonly<Record<string, string>> = { _: "\uff3f", "&": "\uff06" };

/** One short line that no desktop reads anything into. */
export function labelOf(text: string): string {
  const label = line(text, MAX_LABEL).replace(/[_&]/g, (mark) => MARKS[mark] ?? mark);
  return label === "" ? "…" : label;
}
