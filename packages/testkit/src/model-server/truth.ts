import { appendFileSync } from "node:fs";

/**
 * What a conversation is doing, as far as the model's side knows. `refused`: the model answered with an error, and the agent tries
 * again or gives up. `failed`: its turn ended with an error. `unknown`: between two states, or not reported.
 */
export type TrueState = "active" | "waiting_input" | "idle" | "refused" | "failed" | "limited" | "exited" | "unknown";

export interface TrueMoment {
  atMs: number;
  conversation: string;
  state: TrueState;
  why: string;
}

export interface ConversationRecord {
  id: string;
  client: string;
  /** All user texts of the latest request, in order: what the model has been told. */
  users: string[];
  /** Everything that the user ever said in it. A client may withdraw an interrupted prompt. */
  said: Set<string>;
  /** What its tools returned since the user's last message. */
  results: string[];
  requests: number;
  moments: TrueMoment[];
}

/** What really happened, for tests that compare it with what is shown. */
export class Truth {
  readonly conversations = new Map<string, ConversationRecord>();
  readonly #file: string | null;
  readonly #watchers = new Set<() => void>();

  constructor(file: string | null) {
    this.#file = file;
  }

  heard(heard: { conversation: string; client: string; users: string[]; results: string[] }): void {
    const record = this.#record(heard.conversation, heard.client);
    record.client = heard.client;
    record.users = heard.users;
    for (const text of heard.users) record.said.add(text);
    record.results = heard.results;
    record.requests += 1;
  }

  /** Tests add what the model's side cannot see: an interrupt during a tool call, a killed program. */
  mark(conversation: string, state: TrueState, why: string): void {
    const moment = { atMs: Date.now(), conversation, state, why };
    this.#record(conversation, "").moments.push(moment);
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify(moment)}\n`);
    for (const wake of this.#watchers) wake();
  }

  /** Conversations in which the user said something that contains this. */
  saying(text: string): ConversationRecord[] {
    return [...this.conversations.values()].filter(({ said }) => [...said].some((each) => each.includes(text)));
  }

  /** How often a text reached a model: the most that one conversation has of it (a resumed one repeats what was said before). */
  timesHeard(text: string): number {
    const times = (said: string) => said.split(text).length - 1;
    const each = [...this.conversations.values()].map(({ users }) => users.reduce((sum, said) => sum + times(said), 0));
    return Math.max(0, ...each);
  }

  watch(wake: () => void): () => void {
    this.#watchers.add(wake);
    return () => this.#watchers.delete(wake);
  }

  #record(id: string, client: string): ConversationRecord {
    const known = this.conversations.get(id);
    if (known !== undefined) return known;
    const record = { id, client, users: [], said: new Set<string>(), results: [], requests: 0, moments: [] };
    this.conversations.set(id, record);
    return record;
  }
}
