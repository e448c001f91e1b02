import { createHash } from "node:crypto";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { newToken } from "@agent-orchestrator/core/host/ids";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { type DoorToken, readDoor, writeDoor } from "@agent-orchestrator/core/store/door-file";
import type { Layout } from "@agent-orchestrator/core/store/layout";

const CODE_MS = 60_000;
const TICKET_MS = 30_000;
/** A token that nobody used for this long no longer counts. */
const TOKEN_MS = 30 * 24 * 3_600_000;
/** The time of use is written at most this often. */
const NOTE_MS = 3_600_000;
/** More browsers than anybody has. The one that was used longest ago gives way. */
const MAX_TOKENS = 50;
const MAX_CODES = 20;
const MAX_TICKETS = 200;
/** Wrong codes and tokens in a minute, from then on all further ones are turned away unread. */
const MAX_WRONG = 60;
const WRONG_MS = 60_000;

/**
 * What opens the door. A code is in the one-time link and buys one token. A token is the page's, and is kept here only as its hash. A
 * ticket is for one WebSocket, because a browser can send no token with those.
 */
export interface Passes {
  newCode(): string;
  /** The token for a code, once. Null if it is none, or too old. */
  login(code: string): string | null;
  /** The id of a token that counts. */
  holderOf(token: string): string | null;
  newTicket(holder: string): string;
  /** Whose ticket it is, once. */
  useTicket(ticket: string): string | null;
  /** Ends one login, or all. */
  revoke(holder?: string): number;
  count(): number;
  /** Called with each id that no longer counts. */
  onRevoked(listener: (holder: string) => void): void;
  /** Whether so many wrong ones came that another wrong one is answered with 429. A right one always counts. */
  isFlooded(): boolean;
  noteWrong(): void;
}

interface Deps {
  clock: Clock;
  layout: Pick<Layout, "daemon">;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export const createPasses = (deps: Deps): Passes => new KeptPasses(deps);

class KeptPasses implements Passes {
  readonly #deps: Deps;
  /** By hash, like tokens: the time that a comparison takes then says nothing about the secret. */
  readonly #codes = new Map<string, number>();
  readonly #tickets = new Map<string, { holder: string; until: number }>();
  readonly #listeners = new Set<(holder: string) => void>();
  #wrong: number[] = [];
  #tokens: DoorToken[];

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#tokens = readDoor(deps.layout).tokens;
  }

  newCode(): string {
    const code = newToken();
    keepFew(this.#codes, MAX_CODES);
    this.#codes.set(hashOf(code), this.#now() + CODE_MS);
    return code;
  }

  login(code: string): string | null {
    const hash = hashOf(code);
    const until = this.#codes.get(hash);
    this.#codes.delete(hash);
    if (until === undefined || until < this.#now()) return null;
    const token = newToken();
    const at = toIso(this.#deps.clock.now());
    this.#keep([...this.#living().slice(1 - MAX_TOKENS), { hash: hashOf(token), createdAt: at, usedAt: at }]);
    return token;
  }

  holderOf(token: string): string | null {
    const hash = hashOf(token);
    const found = this.#living().find((one) => one.hash === hash);
    if (found === undefined) return null;
    const { clock } = this.#deps;
    if (clock.now() - Date.parse(found.usedAt) > NOTE_MS) {
      const others = this.#tokens.filter((one) => one !== found);
      this.#keep([...others, { ...found, usedAt: toIso(clock.now()) }]);
    }
    return hash;
  }

  newTicket(holder: string): string {
    const ticket = newToken();
    keepFew(this.#tickets, MAX_TICKETS);
    this.#tickets.set(hashOf(ticket), { holder, until: this.#now() + TICKET_MS });
    return ticket;
  }

  useTicket(ticket: string): string | null {
    const hash = hashOf(ticket);
    const found = this.#tickets.get(hash);
    this.#tickets.delete(hash);
    if (found === undefined || found.until < this.#now()) return null;
    return this.#living().some((one) => one.hash === found.holder) ? found.holder : null;
  }

  revoke(holder?: string): number {
    const gone = this.#tokens.filter(({ hash }) => holder === undefined || hash === holder);
    if (holder === undefined) this.#codes.clear();
    if (gone.length === 0) return 0;
    this.#keep(this.#tokens.filter((one) => !gone.includes(one)));
    for (const { hash } of gone) for (const listener of this.#listeners) listener(hash);
    return gone.length;
  }

  count(): number {
    return this.#living().length;
  }

  onRevoked(listener: (holder: string) => void): void {
    this.#listeners.add(listener);
  }

  isFlooded(): boolean {
    const since = this.#now() - WRONG_MS;
    this.#wrong = this.#wrong.filter((at) => at > since);
    return this.#wrong.length >= MAX_WRONG;
  }

  noteWrong(): void {
    if (!this.isFlooded()) this.#wrong.push(this.#now());
  }

  #living(): DoorToken[] {
    const oldest = this.#deps.clock.now() - TOKEN_MS;
    return this.#tokens.filter(({ usedAt }) => Date.parse(usedAt) > oldest);
  }

  #keep(tokens: DoorToken[]): void {
    this.#tokens = tokens;
    writeDoor(this.#deps.layout, { tokens });
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }
}

/** Makes room for one more. The oldest gives way. */
function keepFew(map: Map<string, unknown>, most: number): void {
  for (const [key] of map) {
    if (map.size < most) return;
    map.delete(key);
  }
}
