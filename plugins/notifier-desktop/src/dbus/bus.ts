import { connect, type Socket } from "node:net";

/** A message, as far as it is used. */
interface Message {
  type?: number;
  sender?: string;
  path?: string;
  interface?: string;
  member?: string;
  body?: unknown[];
}

export interface Call {
  destination: string;
  path: string;
  interface: string;
  member: string;
  signature?: string;
  body?: readonly unknown[];
}

export interface Signal {
  /** The unique name of who sent it. The bus writes it, so nobody can lie about it. */
  sender: string;
  path: string;
  interface: string;
  member: string;
  body: readonly unknown[];
}

export interface Answer {
  sender: string;
  body: readonly unknown[];
}

export interface Bus {
  /** No other bus has the same. */
  guid: string;
  isOpen(): boolean;
  /** Signals that were sent to this connection, or that it asked for. */
  hear(listener: (signal: Signal) => void): void;
  /** Rejects with a `BusError` where the other side says no, or the connection ends. */
  call(call: Call): Promise<Answer>;
  close(): void;
}

export class BusError extends Error {
  /** `org.freedesktop.DBus.Error.ServiceUnknown`. Null if the connection broke. */
  readonly errorName: string | null;
  constructor(errorName: string | null, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

/** The library's own types know only the system bus. */
interface Library {
  createClient(options: { stream: Socket; authMethods: string[] }): Client;
}
interface Client {
  name?: string;
  connection: Connection;
  invoke(message: object, done: (this: { message: Message }, error: Failure | null, ...body: unknown[]) => void): void;
}
interface Connection {
  guid: string;
  on(event: "message", listener: (message: Message) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  once(event: "connect", listener: () => void): void;
}
interface Failure {
  name?: string;
  message?: string;
}

const SIGNAL = 4;

/** Connects to a bus by its socket, as this user. */
export async function connectBus(path: string): Promise<Bus> {
  const { default: library } = (await import("@homebridge/dbus-native")) as unknown as { default: Library };
  const { socket, guard } = guarded(connect(path));
  const client = library.createClient({ stream: socket, authMethods: ["EXTERNAL"] });
  const waiting = new Set<(error: BusError) => void>();
  const end = (message: string) => {
    socket.destroy();
    for (const fail of waiting) fail(new BusError(null, message));
    waiting.clear();
  };
  socket.once("close", () => end("the connection to the session bus ended"));
  client.connection.on("error", ({ message }) => end(message));
  await new Promise<void>((done, fail) => {
    waiting.add(fail);
    client.connection.once("connect", () => {
      guard();
      waiting.delete(fail);
      done();
    });
  });
  // An idle connection keeps no process alive.
  socket.unref();
  return {
    guid: client.connection.guid.trim(),
    isOpen: () => !socket.destroyed && socket.writable,
    hear(listener) {
      client.connection.on("message", (message) => {
        // After the answers that came before it, whose callers go on first.
        if (message.type === SIGNAL) setImmediate(() => listener(signalOf(message)));
      });
    },
    call: (call) => invoke(client, call, waiting),
    close: () => void socket.destroy(),
  };
}

function invoke(client: Client, call: Call, waiting: Set<(error: BusError) => void>): Promise<Answer> {
  return new Promise((done, fail) => {
    waiting.add(fail);
    client.invoke({ ...call }, function (error, ...body) {
      waiting.delete(fail);
      if (error === null) done({ sender: this.message.sender ?? "", body });
      else fail(new BusError(error.name ?? null, String(error.message ?? "")));
    });
  });
}

const signalOf = ({ sender = "", path = "", interface: face = "", member = "", body = [] }: Message): Signal => ({
  ...{ sender, path, interface: face, member, body },
});

/**
 * From `guard` on, a message that the library can't read ends the connection. It would throw out of the socket's event, and end the
 * daemon: any program of the user's can send one.
 */
function guarded(socket: Socket): { socket: Socket; guard(): void } {
  let isGuarded = false;
  const on = socket.on.bind(socket) as (event: string, listener: (...args: unknown[]) => void) => Socket;
  const safely =
    (listener: (...args: unknown[]) => void) =>
    (...args: unknown[]) => {
      try {
        listener(...args);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    };
  Object.assign(socket, {
    on: (event: string, listener: (...args: unknown[]) => void) =>
      on(event, isGuarded && event === "readable" ? safely(listener) : listener),
  });
  return {
    socket,
    guard: () => {
      isGuarded = true;
    },
  };
}
