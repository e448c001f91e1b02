import { oneLine } from "../../model/text.ts";
import { messageOf } from "../messages.ts";
import { type EventRule, event } from "./change.ts";

const MAX_WORDS = 60;

/** The user's own words whose receipt did not come. What becomes of a reaction's message, its episode tells. */
const unconfirmed: EventRule = ({ before, after }) =>
  after.messages.list
    .filter(({ id, state, origin, doubt }) => {
      const isNews = state === "unconfirmed" && messageOf(before, id)?.state !== "unconfirmed";
      return isNews && origin === "user" && doubt !== undefined;
    })
    .map(({ id, doubt = "", text }) => {
      const words = oneLine(text, MAX_WORDS);
      const message = `${after.id} may not have your message “${words}”: ${doubt}. Look with \`ao attach ${after.id}\` before you repeat it`;
      return event("message.unconfirmed", message, { messageId: id, reason: doubt });
    });

export const MESSAGE_EVENTS: readonly EventRule[] = [unconfirmed];
