import { join } from "node:path";
import { newId } from "@agent-orchestrator/core/host/ids";
import { makeFolder, readOwn } from "@agent-orchestrator/plugin-kit/files/folders";
import { writeWhole } from "@agent-orchestrator/plugin-kit/files/write-durable";
import { z } from "zod";
import { Notice } from "./screen.ts";

/** A notification that may still be on the screen. */
const Shown = z.object({
  /** What the notification server calls it. */
  id: z.number().int(),
  /** The server's own name on the bus, which no other program ever gets. */
  owner: z.string(),
  notice: Notice,
  clickId: z.string(),
  /** A button of it was pressed. Most servers then close it, by its id. */
  isPressed: z.boolean(),
});
export type Shown = z.infer<typeof Shown>;

/** Everything is worthless on another bus, and after a restart of the server. */
const Stored = z.object({ version: z.literal(1), bus: z.string(), shown: z.array(Shown) });

/** The oldest are forgotten, and stay on the screen until somebody closes them. */
const MAX = 200;

/** What is on the screen. Kept in a file too, so that a daemon that starts again replaces it instead of adding to it. */
export class Places {
  readonly #file: string | null;
  #bus = "";
  #shown = new Map<string, Shown>();
  #writing: Promise<void> = Promise.resolve();

  constructor(stateDir: string | undefined) {
    this.#file = stateDir === undefined ? null : join(stateDir, "shown.json");
  }

  /** Forgets what was on another bus. */
  async useBus(bus: string): Promise<void> {
    if (bus === this.#bus) return;
    this.#bus = bus;
    this.#shown = new Map();
    for (const one of await this.#stored(bus)) this.#shown.set(keyOf(one), one);
  }

  at(place: string | null): Shown | null {
    if (place === null) return null;
    return [...this.#shown.values()].find(({ notice }) => notice.place === place) ?? null;
  }

  /** An id means something only to the server that gave it. To another one it may be somebody else's notification. */
  shownBy(owner: string, place: string | null): Shown | null {
    const kept = this.at(place);
    return kept?.owner === owner ? kept : null;
  }

  /** Undefined for what is not ours, or not from this server. */
  find(id: number, owner: string): Shown | undefined {
    return this.#shown.get(keyOf({ id, owner }));
  }

  all(): Shown[] {
    return [...this.#shown.values()];
  }

  add(one: Omit<Shown, "clickId" | "isPressed">): void {
    const before = this.at(one.notice.place);
    if (before !== null) this.#shown.delete(keyOf(before));
    this.#shown.set(keyOf(one), { ...one, clickId: newId(), isPressed: false });
    for (const key of [...this.#shown.keys()].slice(0, -MAX)) this.#shown.delete(key);
    this.#save();
  }

  /** Takes these events out of what is shown. Returns what is about no event any more. */
  without(ids: ReadonlySet<string>): Shown[] {
    const touched = this.all().filter(({ notice }) => notice.ids.some((id) => ids.has(id)));
    for (const { notice } of touched) notice.ids = notice.ids.filter((id) => !ids.has(id));
    if (touched.length > 0) this.#save();
    return touched.filter(({ notice }) => notice.ids.length === 0);
  }

  remove(one: Pick<Shown, "id" | "owner">): void {
    if (this.#shown.delete(keyOf(one))) this.#save();
  }

  /** When everything so far is in the file. */
  saved(): Promise<void> {
    return this.#writing;
  }

  async #stored(bus: string): Promise<Shown[]> {
    if (this.#file === null) return [];
    try {
      const found = Stored.safeParse(JSON.parse((await readOwn(this.#file)) ?? "null"));
      return found.success && found.data.bus === bus ? found.data.shown : [];
    } catch {
      return []; // Unreadable: then a notification is added once instead of replaced.
    }
  }

  #save(): void {
    const file = this.#file;
    if (file === null) return;
    const text = JSON.stringify({ version: 1, bus: this.#bus, shown: this.all() } satisfies z.infer<typeof Stored>);
    const write = async () => {
      await makeFolder(join(file, ".."));
      await writeWhole(file, text);
    };
    // It only matters after a restart, and what is shown is shown.
    this.#writing = this.#writing.then(write).catch(() => undefined);
  }
}

const keyOf = ({ id, owner }: Pick<Shown, "id" | "owner">): string => `${owner} ${id}`;
