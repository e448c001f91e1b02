import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import type { TerminalEvents, TerminalView } from "@agent-orchestrator/core/slots/terminal-view";
import { withoutAnswers } from "@agent-orchestrator/plugin-kit/terminal-answers";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { App } from "../app.ts";
import { noteAttended, noteLook } from "../handlers/shared/find.ts";
import { SharedView } from "./shared-view.ts";
import { CLOSE } from "./talk.ts";
import { TerminalViewer } from "./terminal-viewer.ts";

export const TERMINAL_MAX_MESSAGE = 64 * 1024;
/** Of keys that the terminal has not taken. */
const MAX_TYPED = 1024 * 1024;
const RESIZE_MS = 100;

const Message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("input"), data: z.string() }),
  z.object({
    type: z.literal("resize"),
    cols: z.number().int().min(1).max(1000),
    rows: z.number().int().min(1).max(500),
  }),
  z.object({ type: z.literal("ack"), bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
]);
type Message = z.infer<typeof Message>;

export interface Terminals {
  /** `session` and `write=1` of the query. The terminal is found by the session alone: a page can name no other. */
  open(socket: WebSocket, query: URLSearchParams): void;
}

/** Sessions' terminals for browsers. Each has one look at it, however many browsers there are. */
export function createTerminals(app: App): Terminals {
  const views = new Map<string, SharedView>();
  const report = (error: unknown) => app.world.log.warn(`dashboard: terminal: ${toAoError(error).message}`);

  async function viewOf(record: SessionRecord): Promise<{ key: string; view: SharedView }> {
    const handle = record.launch.last?.handle;
    if (handle === null || handle === undefined || record.ending?.status === "killed") {
      throw new AoError("UNAVAILABLE", `${record.id} has no running terminal (${record.status})`, {
        hint: `Run \`ao restore ${record.id}\` to start it again.`,
      });
    }
    const runtime = await app.world.plugins(record).runtime();
    const key = `${handle.runtimeName} ${handle.id} ${record.launch.last?.number ?? 0}`;
    const known = views.get(key) ?? new SharedView(async (events) => await open(runtime, handle, events), report);
    views.set(key, known);
    return { key, view: known };
  }

  async function join(socket: WebSocket, session: string): Promise<Joined> {
    const record = app.engine.state.sessions[session];
    if (record === undefined) throw new AoError("NOT_FOUND", `no session ${session.slice(0, 100)}`);
    const { key, view } = await viewOf(record);
    const viewer = new TerminalViewer(socket);
    const leave = () => {
      view.remove(viewer);
      if (!view.isEmpty || views.get(key) !== view) return;
      views.delete(key);
      void view.close();
    };
    socket.on("close", leave);
    try {
      await view.add(viewer);
    } catch (error) {
      leave();
      throw error;
    }
    noteLook(app, record, NO_AGENT);
    return { view, viewer, record };
  }

  return {
    open(socket, query) {
      const mayWrite = query.get("write") === "1";
      const joined = join(socket, query.get("session") ?? "");
      joined.catch((error: unknown) => {
        const { code, message, hint } = toAoError(error);
        new TerminalViewer(socket).tell({ type: "error", code, message, ...(hint === undefined ? {} : { hint }) });
        socket.close(CLOSE.unavailable, "no terminal");
      });
      listen(app, { socket, joined, mayWrite, report });
    },
  };
}

async function open(runtime: Runtime, handle: RuntimeHandle, events: TerminalEvents): Promise<TerminalView> {
  if (runtime.view === undefined) {
    throw new AoError("UNAVAILABLE", `the runtime ${handle.runtimeName} cannot show its terminals in a browser`);
  }
  return await runtime.view(handle, events);
}

const NO_AGENT = { agentSession: null };

interface Joined {
  view: SharedView;
  viewer: TerminalViewer;
  record: SessionRecord;
}

interface Listening {
  socket: WebSocket;
  joined: Promise<Joined>;
  mayWrite: boolean;
  report(error: unknown): void;
}

/** Carries out what a viewer sends, one after another. */
function listen(app: App, { socket, joined, mayWrite, report }: Listening): void {
  const keyboard = keyboardOf(app, joined);
  let turn: Promise<unknown> = joined.catch(() => undefined); // It was told.
  socket.on("message", (data, isBinary) => {
    const message = isBinary ? null : parse(String(data));
    if (message === null) return socket.close(CLOSE.notUnderstood, "not a message");
    if (message.type !== "ack" && !mayWrite) return socket.close(CLOSE.readOnly, "opened for reading only");
    if (message.type === "input" && !keyboard.hasRoom(message.data))
      return socket.close(CLOSE.tooSlow, "too much input");
    turn = turn
      .then(async () => {
        const at = await joined.catch(() => null); // It was told, and is closed.
        if (at === null) return;
        if (message.type === "ack") at.view.confirm(at.viewer, message.bytes);
        else if (message.type === "input") await keyboard.type(message.data);
        else await keyboard.resize({ columns: message.cols, rows: message.rows });
      })
      .catch((error: unknown) => report(error));
  });
}

function parse(text: string): Message | null {
  try {
    return Message.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

interface Keyboard {
  hasRoom(keys: string): boolean;
  type(keys: string): Promise<void>;
  resize(size: { columns: number; rows: number }): Promise<void>;
}

function keyboardOf(app: App, joined: Promise<Joined>): Keyboard {
  let waiting = 0;
  let isUsed = false;
  let wanted: { columns: number; rows: number } | null = null;
  return {
    hasRoom(keys) {
      waiting += keys.length;
      return waiting <= MAX_TYPED;
    },
    async type(keys) {
      waiting -= keys.length;
      const typed = withoutAnswers(keys);
      if (typed === "") return;
      const { view, record } = await joined;
      if (!isUsed) {
        isUsed = true;
        app.presence.note();
        noteAttended(app, app.engine.state.sessions[record.id] ?? record, NO_AGENT);
      }
      await view.write(Buffer.from(typed, "utf8"));
    },
    /** Of many in a short time, the last one counts. */
    async resize(size) {
      const isPending = wanted !== null;
      wanted = size;
      if (isPending) return;
      const { view, viewer } = await joined;
      void app.world.clock.sleep(RESIZE_MS, app.stopping).then(
        () => {
          const last = wanted ?? size;
          wanted = null;
          view.resize(viewer, last).catch((error: unknown) => app.world.log.debug(`resize: ${String(error)}`));
        },
        () => undefined, // The daemon stops.
      );
    },
  };
}
