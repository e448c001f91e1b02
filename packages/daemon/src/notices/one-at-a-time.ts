import type { Notifier } from "@agent-orchestrator/core/slots/notifier";

type Task<T> = () => Promise<T>;

/** Runs what changes something on a channel one after another, as the slot promises. `check` and `listen` may come at any time. */
export function oneAtATime(notifier: Notifier): Notifier {
  const known = wrapped.get(notifier);
  if (known !== undefined) return known;
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(task: Task<T>): Promise<T> => {
    const mine = last.then(task);
    last = mine.catch(() => undefined); // whoever asked is told
    return mine;
  };
  const { notifyWithActions, post, preview, check, withdraw, follow, listen, name } = notifier;
  const wrapper: Notifier = {
    ...(name === undefined ? {} : { name }),
    notify: (event, options) => next(() => notifier.notify(event, options)),
    ...(notifyWithActions && {
      notifyWithActions: (event, actions, options) =>
        next(() => notifyWithActions.call(notifier, event, actions, options)),
    }),
    ...(post && { post: (message, context, options) => next(() => post.call(notifier, message, context, options)) }),
    ...(withdraw && { withdraw: (notices, options) => next(() => withdraw.call(notifier, notices, options)) }),
    ...(follow && { follow: (card, options) => next(() => follow.call(notifier, card, options)) }),
    ...(preview && { preview: (event) => preview.call(notifier, event) }),
    ...(check && { check: (options) => check.call(notifier, options) }),
    ...(listen && { listen: (act, options) => listen.call(notifier, act, options) }),
  };
  wrapped.set(notifier, wrapper);
  return wrapper;
}

const wrapped = new WeakMap<Notifier, Notifier>();
