import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";
import { socketUrl, ticket } from "../connect/api.ts";
import { sleep } from "../world.ts";

export interface OpenTerminal {
  type(text: string): void;
  setDark(isDark: boolean): void;
  close(): void;
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

/** Opens the terminal of a session in an element. It connects again after a lost connection. */
export function openTerminal(wanted: Wanted, onProblem: (error: Error | null) => void): OpenTerminal {
  const { place, session, isWriting } = wanted;
  const terminal = new Terminal({
    ...{ fontSize: 13, fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono") },
    ...{ scrollback: 10_000, disableStdin: !isWriting, cursorInactiveStyle: isWriting ? "outline" : "none" },
    screenReaderMode: false,
    theme: wanted.isDark ? DARK : LIGHT,
    linkHandler: { activate: (_event, uri) => openLink(uri) },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)));
  terminal.open(place);
  fit.fit();
  let isOver = false;
  let socket: WebSocket | null = null;
  const tell = (message: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const resize = () => {
    fit.fit();
    tell({ type: "resize", cols: terminal.cols, rows: terminal.rows });
  };
  const observer = new ResizeObserver(resize);
  observer.observe(place);
  terminal.onData((data) => {
    if (isWriting) tell({ type: "input", data });
  });
  const run = async () => {
    while (!isOver) {
      try {
        socket = await connect(session, isWriting);
        onProblem(null);
        resize();
        await drain(socket, { terminal, tell, onProblem });
      } catch (error) {
        if (!isOver) onProblem(error as Error);
      }
      if (!isOver) await sleep(RETRY_MS);
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
      isOver = true;
      observer.disconnect();
      socket?.close();
      terminal.dispose();
    },
  };
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
  onProblem(error: Error): void;
}

/** Draws what comes, until the connection ends. The first output is the whole screen. */
function drain(socket: WebSocket, { terminal, tell, onProblem }: Drawing): Promise<void> {
  let unconfirmed = 0;
  let isFirst = true;
  return new Promise((resolve) => {
    socket.addEventListener("close", () => resolve());
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") {
        const told = JSON.parse(data) as { type?: string; message?: string };
        if (told.type === "error") onProblem(new Error(told.message ?? "the terminal was refused"));
        return;
      }
      if (isFirst) terminal.reset();
      isFirst = false;
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
