import type { SessionFact } from "../../model/fact.ts";
import type { Draft } from "../draft.ts";
import {
  acceptText,
  deferMessage,
  failMessage,
  loseMessage,
  messageWritten,
  settleMessage,
  withdrawMessage,
} from "../messages.ts";

export function applyMessageFact(draft: Draft, fact: SessionFact): void {
  switch (fact.kind) {
    case "message-written":
      messageWritten(draft, fact.id, fact.at);
      return;
    case "message-accepted":
      messageWritten(draft, fact.id, fact.at);
      settleMessage(draft, fact.id, { state: "accepted", when: fact.at });
      return;
    case "message-unconfirmed":
      messageWritten(draft, fact.id, fact.at);
      settleMessage(draft, fact.id, { state: "unconfirmed", when: fact.at, doubt: fact.doubt });
      return;
    case "message-lost":
      loseMessage(draft, fact.id, fact.at);
      return;
    case "message-deferred":
      deferMessage(draft, fact);
      return;
    case "text-taken":
      acceptText(draft, fact.text, fact.at);
      return;
    case "message-failed":
      failMessage(draft, fact.id, fact.failure);
      return;
    case "wish-withdraw":
      withdrawMessage(draft, fact.id);
      return;
    default:
  }
}
