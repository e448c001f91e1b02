import { AoError } from "@agent-orchestrator/core/model/errors";

/** An issue as the user named it. */
export interface Reference {
  /** `INT-100`, or a UUID. What `issue(id:)` of Linear's API takes. */
  id: string;
  /** The workspace in an address: an issue of another one may have the same identifier. */
  workspace: string | null;
}

const IDENTIFIER = /^([A-Za-z][A-Za-z0-9]{0,9})-0*([1-9]\d{0,8})$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ADDRESS = /^https?:\/\/linear\.app\/(?:([\w-]+)\/)?issue\/([A-Za-z0-9]+-\d+)(?:[/?#].*)?$/;

/** `INT-100`, a UUID, or an address in linear.app. Throws NOT_FOUND for anything else. */
export function parseReference(identifier: string): Reference {
  const text = identifier.trim().replace(/^#/, "");
  const [, workspace = null, inAddress = text] = ADDRESS.exec(text) ?? [];
  const short = IDENTIFIER.exec(inAddress);
  if (short !== null) return { id: `${short[1]?.toUpperCase()}-${short[2]}`, workspace };
  if (UUID.test(text)) return { id: text.toLowerCase(), workspace: null };
  throw new AoError("NOT_FOUND", `${JSON.stringify(text.slice(0, 120))} is not an issue in Linear`, {
    hint: "Use its identifier (INT-100), its UUID, or its address.",
  });
}

export const isUuid = (text: string): boolean => UUID.test(text);

/** Linear adds words of the title, which change with it. */
export function addressOf(url: string): { url: string; workspace: string | null } {
  const [, workspace, identifier] = ADDRESS.exec(url) ?? [];
  if (workspace === undefined || identifier === undefined) return { url, workspace: null };
  return { url: address(identifier, workspace), workspace };
}

/** Without the workspace, Linear leads to that of whoever is logged in. */
export const address = (identifier: string, workspace: string | null): string =>
  `https://linear.app/${workspace === null ? "" : `${workspace}/`}issue/${identifier}`;
