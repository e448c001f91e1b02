import { keep, recall } from "../world.ts";

/** The daemon does not know this page's token. */
export class Unauthorized extends Error {}

const JSON_TYPE = { "content-type": "application/json" };

let token = recall("token");

export const hasToken = (): boolean => token !== null;

export function forgetToken(): void {
  token = null;
  keep("token", null);
}

/** Exchanges the code of a one-time link for a token. Returns why not, or null. */
export async function logIn(code: string): Promise<string | null> {
  const response = await fetch("/api/login", {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify({ code }),
  });
  if (!response.ok) return await problemOf(response);
  const told = (await response.json()) as { token: string };
  token = told.token;
  keep("token", token);
  return null;
}

/** A ticket opens one WebSocket, and is good for half a minute. */
export async function ticket(): Promise<string> {
  const response = await fetch("/api/ticket", {
    method: "POST",
    headers: { ...JSON_TYPE, authorization: `Bearer ${token ?? ""}` },
    body: "{}",
  });
  if (response.status === 401 || response.status === 403) throw new Unauthorized("the token is not known");
  if (!response.ok) throw new Error(`the daemon answered ${response.status}`);
  return ((await response.json()) as { ticket: string }).ticket;
}

export function socketUrl(path: string, query: Record<string, string>): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}${path}?${new URLSearchParams(query)}`;
}

async function problemOf(response: Response): Promise<string> {
  const told = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
  return told?.error?.message ?? `the daemon answered ${response.status}`;
}
