import { connect, type Socket } from "node:net";

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends requests byte by byte as a test says, over connections that stay open while the server lets them. */
export class RawClient {
  readonly #port: number;
  readonly #host: string;
  #socket: Socket | null = null;
  #text = "";
  #waiting: ((answer: RawAnswer) => void) | null = null;
  #isHead = false;

  constructor(port: number, host = "127.0.0.1") {
    this.#port = port;
    this.#host = host;
  }

  /** `lines`: the request line and all headers. Status 0: the connection was closed without an answer. */
  ask(lines: readonly string[], body = ""): Promise<RawAnswer> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#isHead = lines[0]?.startsWith("HEAD ") === true;
      this.#open().write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket !== null && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const socket = connect(this.#port, this.#host);
    this.#socket = socket;
    this.#text = "";
    socket.setEncoding("latin1");
    socket.on("error", () => undefined); // Its close event follows.
    socket.on("data", (chunk: string) => {
      if (this.#socket !== socket) return;
      this.#text += chunk;
      this.#read();
    });
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      // An answer without a length ends with its connection.
      const [head = ""] = this.#text.split("\r\n\r\n");
      this.#settle(head === "" ? { status: 0, headers: {}, body: "" } : parsed(head, ""));
    });
    return socket;
  }

  #read(): void {
    const end = this.#text.indexOf("\r\n\r\n");
    if (end === -1) return;
    const answer = parsed(this.#text.slice(0, end), "");
    const { "content-length": length } = answer.headers;
    const isUpgraded = answer.status === 101;
    if (length === undefined && !isUpgraded) return;
    const wanted = this.#isHead || isUpgraded ? 0 : Number(length);
    if (this.#text.length < end + 4 + wanted) return;
    const body = this.#text.slice(end + 4, end + 4 + wanted);
    this.#text = "";
    if (isUpgraded || answer.headers.connection === "close") this.close();
    this.#settle({ ...answer, body });
  }

  #settle(answer: RawAnswer): void {
    const settle = this.#waiting;
    this.#waiting = null;
    settle?.(answer);
  }
}

function parsed(head: string, body: string): RawAnswer {
  const [first = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(" ")[1] ?? 0), headers, body };
}
