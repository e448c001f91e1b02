import "@xterm/xterm/css/xterm.css";
import type { ErrorCode } from "@agent-orchestrator/core/model/errors";
import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";
import { socketUrl, ticket } from "../connect/api.ts";
import { Refused } from "../connect/daemon.ts";
import { sleep } from "../world.ts";

export interface OpenTerminal {
  type(text: string): void;
  setDark(isDark: boolean): void;
  close(): void;
}

export interface TerminalHooks {
  /** Null: it is well again. */
  onProblem(error: Error | null): void;
  /** The program has ended. */
  onEnd(): void;
}

interface Wanted {
  place: HTMLElement;
  session: string;
  isWriting: boolean;
  isDark: boolean;
}

const LIGHT: ITheme = {
  background: "#ffffff",
  foreground: "#1b1b22",
  cursor: "#1b1b22",
  selectionBackground: "#c9cdf5",
  black: "#1b1b22",
  red: "#b4232f",
  green: "#1a7f45",
  yellow: "#8a5a00",
  blue: "#3d49c2",
  magenta: "#8b2fa8",
  cyan: "#0b7285",
  white: "#5f5f6b",
  brightBlack: "#62626e",
  brightWhite: "#1b1b22",
};

const DARK: ITheme = {
  background: "#16171c",
  foreground: "#e8e8ee",
  cursor: "#e8e8ee",
  selectionBackground: "#3a3f7a",
  black: "#26282f",
  red: "#f4737f",
  green: "#56c787",
  yellow: "#e3ab4f",
  blue: "#8b93f5",
  magenta: "#d08be6",
  cyan: "#5cc4d6",
  white: "#d0d0d8",
  brightBlack: "#8a8b97",
  brightWhite: "#ffffff",
};

/** Output that is not drawn yet is not confirmed, so the daemon sends no more than this ahead. */
const ACK_BYTES = 64 * 1024;
const RETRY_MS = 1_000;

const FONT = { usual: 13, least: 6 };

/** Opens the terminal of a session in an element. It connects again after a lost connection. */
export function openTerminal(wanted: Wanted, hooks: TerminalHooks): OpenTerminal {
  const { place, session, isWriting } = wanted;
  const terminal = createTerminal(wanted);
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  const over = new AbortController();
  let socket: WebSocket | null = null;
  const tell = (message: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  /** Who types gives the terminal its size. Who only looks sees all of it, as small as need be. */
  const adapt = () => {
    if (isWriting) {
      fit.fit();
      tell({ type: "resize", cols: terminal.cols, rows: terminal.rows });
    } else shrink(terminal, fit);
  };
  const observer = new ResizeObserver(adapt);
  observer.observe(place);
  terminal.onData((data) => {
    if (isWriting) tell({ type: "input", data });
  });
  const run = async () => {
    while (!over.signal.aborted) {
      try {
        socket = await connect(session, isWriting);
        hooks.onProblem(null);
        adapt();
        if (await drain(socket, { terminal, tell, adapt, hooks })) return;
      } catch (error) {
        if (!over.signal.aborted) hooks.onProblem(error as Error);
      }
      if (!over.signal.aborted) await sleep(RETRY_MS);
    }
  };
  void run();
  if (isWriting) terminal.focus();
  return {
    type(text) {
      tell({ type: "input", data: text });
      terminal.focus();
    },
    setDark(isDark) {
      terminal.options.theme = isDark ? DARK : LIGHT;
    },
    close() {
      over.abort();
      observer.disconnect();
      socket?.close();
      terminal.dispose();
    },
  };
}

function createTerminal({ isWriting, isDark }: Wanted): Terminal {
  const terminal = new Terminal({
    fontSize: FONT.usual,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    scrollback: 10_000,
    disableStdin: !isWriting,
    cursorInactiveStyle: isWriting ? "outline" : "none",
    theme: isDark ? DARK : LIGHT,
    linkHandler: { activate: (_event, uri) => openLink(uri) },
  });
  terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)));
  return terminal;
}

/** Makes the letters as small as it takes to see all columns. */
function shrink(terminal: Terminal, fit: FitAddon): void {
  const room = fit.proposeDimensions();
  const { fontSize = FONT.usual } = terminal.options;
  if (room === undefined || !(room.cols > 0)) return;
  const fitting = Math.floor(((fontSize * room.cols) / terminal.cols) * 2) / 2;
  const next = Math.min(FONT.usual, Math.max(FONT.least, fitting));
  if (next !== fontSize) terminal.options.fontSize = next;
}

/** A link in a terminal is a stranger's. Only web pages are opened, and they learn nothing of this one. */
function openLink(uri: string): void {
  if (/^https?:\/\//i.test(uri)) window.open(uri, "_blank", "noopener,noreferrer");
}

async function connect(session: string, isWriting: boolean): Promise<WebSocket> {
  const query = { ticket: await ticket(), session, write: isWriting ? "1" : "0" };
  const socket = new WebSocket(socketUrl("/api/terminal", query));
  socket.binaryType = "arraybuffer";
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(new Error("the terminal cannot be reached")), { once: true });
  });
  return socket;
}

interface Drawing {
  terminal: Terminal;
  tell(message: object): void;
  adapt(): void;
  hooks: TerminalHooks;
}

/** What the daemon says besides the terminal's own bytes. */
type Said =
  /** The next output draws the whole screen, which has this size. */
  | { type: "screen"; cols: number; rows: number }
  | { type: "end" }
  | { type: "error"; code: ErrorCode; message: string; hint?: string };

/** Draws what comes, until the connection ends. Resolves with whether there is no more to come. */
function drain(socket: WebSocket, { terminal, tell, adapt, hooks }: Drawing): Promise<boolean> {
  let unconfirmed = 0;
  let isLast = false;
  const hear = (said: Said) => {
    if (said.type === "screen") {
      terminal.reset();
      terminal.resize(said.cols, said.rows);
      adapt();
      return;
    }
    isLast = true;
    if (said.type === "end") hooks.onEnd();
    else hooks.onProblem(new Refused(said));
  };
  return new Promise((resolve) => {
    socket.addEventListener("close", () => resolve(isLast));
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") return hear(JSON.parse(data) as Said);
      const bytes = new Uint8Array(data as ArrayBuffer);
      terminal.write(bytes, () => {
        unconfirmed += bytes.length;
        if (unconfirmed < ACK_BYTES) return;
        tell({ type: "ack", bytes: unconfirmed });
        unconfirmed = 0;
      });
    });
  });
}
