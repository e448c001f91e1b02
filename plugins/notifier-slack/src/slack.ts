import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import { type Api, openApi } from "./api.ts";
import { check } from "./check.ts";
import type { Desk } from "./deliver.ts";
import { openEdits } from "./edits.ts";
import { codeOf } from "./errors.ts";
import { digest, openLedger } from "./ledger.ts";
import { listen } from "./listen.ts";
import { type Notices, openNotices } from "./notices.ts";
import type { BotOptions } from "./options.ts";
import { findPlace, type Place } from "./place.ts";
import { eventOf, previewOf } from "./render.ts";
import { openThreads, type Threads } from "./threads.ts";

/** Everything about the channel, once it is known which one it is. */
export interface Office extends Desk {
  notices: Notices;
  threads: Threads;
}

export function slackNotifier(options: BotOptions, context: PluginContext): Notifier {
  const { token, appToken, apiUrl } = options;
  const secrets = [token, ...(appToken === null ? [] : [appToken])];
  const api = openApi({ token, apiUrl, secrets }, context);
  const offices = officeOf(options, context, api);
  const office = offices.open;
  const send: NonNullable<Notifier["notifyWithActions"]> = async (event, actions, call) => {
    try {
      await (await office(call?.signal)).notices.send(event, actions, call?.signal);
    } catch (error) {
      // It may have another id now.
      if (codeOf(error) === "channel_not_found") offices.forget();
      throw error;
    }
  };
  return {
    name: "slack",
    notify: (event, call) => send(event, [], call),
    notifyWithActions: send,
    async post(message, about, call) {
      await send(eventOf(message, about, context.clock.now()), [], call);
      return null;
    },
    preview: (event) => previewOf(event, appToken !== null),
    check: (call) => check({ api, options, world: context, findPlace: offices.place }, call?.signal),
    async withdraw(notices, call) {
      (await office(call?.signal)).notices.withdraw(notices);
    },
    async follow(card, call) {
      (await office(call?.signal)).threads.follow(card);
    },
    ...(appToken === null
      ? {}
      : {
          listen: async (act, { signal }) =>
            listen({ office: await office(signal), options: { ...options, appToken }, world: context, act }, signal),
        }),
  };
}

/** Finds the channel with the first call, and opens what is known of it. */
function officeOf({ channel, appToken, users }: BotOptions, context: PluginContext, api: Api) {
  const owner = digest(JSON.stringify([...users]));
  let place: Place | null = null;
  let opened: Office | null = null;
  const findOnce = async (signal?: AbortSignal): Promise<Place> => {
    place ??= await findPlace(api, channel, signal);
    return place;
  };
  return {
    place: findOnce,
    forget() {
      place = null;
    },
    async open(signal?: AbortSignal): Promise<Office> {
      signal?.throwIfAborted();
      const found = await findOnce(signal);
      const isSame = opened?.place.team === found.team && opened.place.channel === found.channel;
      if (opened === null || !isSame) opened = furnish(found, { context, api, owner, canAct: appToken !== null });
      return opened;
    },
  };
}

interface Furniture {
  context: PluginContext;
  api: Api;
  owner: string;
  canAct: boolean;
}

function furnish(place: Place, { context, api, owner, canAct }: Furniture): Office {
  const { clock, log } = context;
  const ledger = openLedger(context, `${place.team}-${place.channel}`.replace(/[^A-Za-z0-9-]/g, ""));
  const desk: Desk = { api, place, ledger, owner, clock, log };
  const edits = openEdits({ api, channel: place.channel, clock, log });
  const threads = openThreads(desk, edits);
  threads.resume();
  return { ...desk, threads, notices: openNotices({ desk, edits, threads, canAct }) };
}
