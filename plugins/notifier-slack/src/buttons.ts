import { type Callback, parseCallback } from "@agent-orchestrator/core/model/callback";
import type { NotifyAction } from "@agent-orchestrator/core/slots/notifier";
import { isLoopbackHost } from "@agent-orchestrator/plugin-kit/http/addresses";
import { safeUrl } from "@agent-orchestrator/plugin-kit/notice";
import { actionsBlock, type Button, type KnownBlock, MAX, plain } from "./blocks.ts";
import { digest, type Item } from "./ledger.ts";
import { RIGHTS, type Right } from "./options.ts";

/** What a button in Slack may stand for. Null: not for Slack. */
export function rightOf(endpoint: string): Right | null {
  const kind: string | undefined = parseCallback(endpoint)?.kind;
  return RIGHTS.find((right) => right === kind) ?? null;
}

/** A page that others can open as well. */
export function openUrl(text: unknown): string | null {
  const url = safeUrl(text);
  return url === null || isLoopbackHost(new URL(url).hostname) ? null : url;
}

export interface Buttons {
  blocks: KnownBlock[];
  buttons: Item["buttons"];
}

/** As many blocks of buttons as the actions need. Those that ao carries out only if somebody may press them here. */
export function buttonsFor(actions: readonly NotifyAction[], of: { block: string; canAct: boolean }): Buttons {
  const made = actions.flatMap((action, index) => {
    const button = buttonFor(action, `${of.block}${index}`, of.canAct);
    return button === null ? [] : [button];
  });
  const blocks: KnownBlock[] = [];
  for (let from = 0; from < made.length; from += MAX.buttons) {
    blocks.push(actionsBlock(`${of.block}${blocks.length}`, made.slice(from, from + MAX.buttons)));
  }
  const buttons = made.flatMap(({ action_id: action = "", value }) =>
    value === undefined ? [] : [{ action, value: digest(value) }],
  );
  return { blocks, buttons };
}

function buttonFor({ label, url, callbackEndpoint }: NotifyAction, id: string, canAct: boolean): Button | null {
  const button: Button = { type: "button", action_id: id, text: plain(label, MAX.buttonText) };
  const page = openUrl(url);
  if (page !== null) return { ...button, url: page };
  if (!canAct || callbackEndpoint === undefined || callbackEndpoint.length > MAX.value) return null;
  const callback = parseCallback(callbackEndpoint);
  if (callback === null || rightOf(callbackEndpoint) === null) return null;
  return { ...button, value: callbackEndpoint, ...extrasOf(callback) };
}

/** A merge can't be taken back, so it is asked once more. */
function extrasOf({ kind, session }: Callback): Pick<Button, "style" | "confirm"> {
  if (kind !== "merge") return {};
  return {
    style: "primary",
    confirm: {
      title: plain("Merge it?", 100),
      text: plain(`The pull request of ${session} is merged into its base. That can't be taken back.`, MAX.confirmText),
      confirm: plain("Merge", 30),
      deny: plain("Cancel", 30),
    },
  };
}

/** A name that is only a word for every shell. */
const WORD = /^[A-Za-z0-9][\w.-]{0,199}$/;

const COMMANDS: Readonly<Record<Exclude<Callback["kind"], "answer">, (session: string) => string>> = {
  merge: (session) => `ao merge ${session}`,
  approve: (session) => `ao review ${session} --approve`,
  restore: (session) => `ao restore ${session}`,
  open: (session) => `ao attach ${session}`,
};

/** What to type instead of a press. For an answer, the notice's own command does. */
export function commandsFor(actions: readonly NotifyAction[], first: string | null): string[] {
  const others = actions.flatMap(({ url, callbackEndpoint }) => {
    const callback = callbackEndpoint === undefined ? null : parseCallback(callbackEndpoint);
    if (openUrl(url) !== null || callback === null || callback.kind === "answer" || !WORD.test(callback.session))
      return [];
    return [COMMANDS[callback.kind](callback.session)];
  });
  return [...new Set([...(first === null ? [] : [first]), ...others])];
}
