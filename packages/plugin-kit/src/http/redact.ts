import { withoutCredentials } from "@agent-orchestrator/core/host/credentials";
import { oneLine } from "@agent-orchestrator/core/model/text";

/** Whatever follows an authentication scheme. In the words of an HTTP exchange it is one, in other texts often not. */
const SCHEMES = /\b(?:bearer|basic|token)\s+[\w+/.=~-]{8,}/gi;
/** Query parameters that carry a credential, signed URLs of storage included. */
const PARAMETERS =
  /([?&;](?:[\w.%-]*(?:token|secret|sig|signature|credential|key|password|auth|code)[\w.%-]*)=)[^&#\s"']+/gi;
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@"']+@/gi;

export type Redact = (text: string) => string;

/** Takes these secrets, and what looks like one, out of a text. */
export function redactor(secrets: () => readonly string[]): Redact {
  return (text) => {
    let clean = text;
    // Longest first, because one may contain another.
    for (const secret of [...secrets()].sort((a, b) => b.length - a.length)) {
      for (const form of secret.length < 6 ? [] : [secret, encodeURIComponent(secret)])
        clean = clean.replaceAll(form, "[secret]");
    }
    clean = clean.replace(USER_INFO, "$1").replace(PARAMETERS, "$1[secret]").replace(SCHEMES, "[secret]");
    return withoutCredentials(clean, "[secret]");
  };
}

/** A request as people may read it: without query, user and fragment, whose values may be anything. */
export const nameOf = (method: string, url: URL): string => oneLine(`${method} ${url.origin}${url.pathname}`, 200);
