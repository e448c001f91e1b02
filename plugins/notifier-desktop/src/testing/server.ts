import { createRequire } from "node:module";
import { onTestFinished } from "vitest";

/** The part of dbus-next that is used. Its own types do not pass this compiler's strict checks. */
interface DBus {
  sessionBus(options: { busAddress: string }): Bus;
  interface: { Interface: { new (name: string): object; configureMembers(members: object): void } };
  Message: { newSignal(path: string, face: string, name: string, signature: string, body: unknown[]): Message };
}
interface Bus {
  name: string;
  requestName(name: string, flags: number): Promise<number>;
  releaseName(name: string): Promise<number>;
  export(path: string, face: object): void;
  send(message: Message): void;
  on(event: "connect", listener: () => void): void;
  _connection: { stream: { destroy(): void } };
}
interface Message {
  destination?: string;
}
type Hints = Record<string, { value: unknown } | undefined>;

const NAME = "org.freedesktop.Notifications";
const PATH = "/org/freedesktop/Notifications";

const connect = (busAddress: string): { dbus: DBus; bus: Bus } => {
  const dbus = createRequire(import.meta.url)("dbus-next") as DBus;
  const bus = dbus.sessionBus({ busAddress });
  // Its own `disconnect` still reads, and throws where it can't answer any more.
  onTestFinished(() => bus._connection.stream.destroy());
  return { dbus, bus };
};

/** A call of `Notify`. */
export interface ShownNotice {
  id: number;
  replaces: number;
  app: string;
  title: string;
  body: string;
  /** Labels by key. */
  actions: Record<string, string>;
  urgency: unknown;
  category: unknown;
  entry: unknown;
  atMs: number;
}

export interface TestServer {
  shown: ShownNotice[];
  /** Ids of what is on the screen. */
  open: Set<number>;
  press(id: number, key: string, token?: string): void;
  dismiss(id: number): void;
  /** Lets another server take its place. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  can?: string[];
  /** Notifications stay when a button is pressed. */
  isResident?: boolean;
}

/**
 * A notification server that keeps to the Desktop Notifications Specification 1.3, records what it is asked to show, and presses
 * buttons when a test says so.
 */
export async function notificationServer(busAddress: string, options: ServerOptions = {}): Promise<TestServer> {
  const { can = ["body", "body-markup", "actions"], isResident = false } = options;
  const { dbus, bus } = connect(busAddress);
  const shown: ShownNotice[] = [];
  const open = new Set<number>();
  let last = 0;
  class Server extends dbus.interface.Interface {
    Notify(
      ...[app, replaces, , title, body, actions, hints]: [string, number, string, string, string, string[], Hints]
    ) {
      const id = open.has(replaces) ? replaces : ++last;
      open.add(id);
      const labels = Object.fromEntries(
        actions.flatMap((key, at) => (at % 2 === 0 ? [[key, actions[at + 1] ?? ""]] : [])),
      );
      const hint = (name: string) => hints[name]?.value ?? null;
      shown.push({
        ...{ id, replaces, app, title, body, actions: labels, urgency: hint("urgency"), category: hint("category") },
        ...{ entry: hint("desktop-entry"), atMs: performance.now() },
      });
      return id;
    }
    CloseNotification(id: number) {
      if (open.delete(id)) this.NotificationClosed(id, 3);
    }
    GetServerInformation(): string[] {
      return ["test server", "ao", "1", "1.2"];
    }
    GetCapabilities(): string[] {
      return can;
    }
    ActionInvoked(id: number, key: string) {
      return [id, key];
    }
    ActivationToken(id: number, token: string) {
      return [id, token];
    }
    NotificationClosed(id: number, reason: number) {
      return [id, reason];
    }
  }
  Server.configureMembers({
    methods: {
      Notify: { inSignature: "susssasa{sv}i", outSignature: "u" },
      CloseNotification: { inSignature: "u" },
      GetServerInformation: { outSignature: "ssss" },
      GetCapabilities: { outSignature: "as" },
    },
    signals: {
      ActionInvoked: { signature: "us" },
      ActivationToken: { signature: "us" },
      NotificationClosed: { signature: "uu" },
    },
  });
  const server = new Server(NAME) as Server;
  bus.export(PATH, server);
  await bus.requestName(NAME, 0);
  const dismiss = (id: number) => {
    if (open.delete(id)) server.NotificationClosed(id, 2);
  };
  return {
    shown,
    open,
    dismiss,
    press(id, key, token) {
      if (token !== undefined) server.ActivationToken(id, token);
      server.ActionInvoked(id, key);
      if (!isResident) dismiss(id);
    },
    stop: async () => void (await bus.releaseName(NAME)),
  };
}

/** Sends the signal that a button was pressed, as any program on the bus can: to everybody, and to each of these by name. */
export async function forger(busAddress: string, to: readonly string[]): Promise<(id: number, key: string) => void> {
  const { dbus, bus } = connect(busAddress);
  await new Promise<void>((done) => bus.on("connect", done));
  return (id, key) => {
    for (const destination of [undefined, ...to]) {
      const message = dbus.Message.newSignal(PATH, NAME, "ActionInvoked", "us", [id, key]);
      bus.send(destination === undefined ? message : Object.assign(message, { destination }));
    }
  };
}

/** The unique names of all connections, but for this one. */
export async function connectionsOf(busAddress: string): Promise<string[]> {
  const { dbus, bus } = connect(busAddress);
  const { Message } = dbus as unknown as { Message: { new (options: object): Message } };
  const where = {
    path: "/org/freedesktop/DBus",
    destination: "org.freedesktop.DBus",
    interface: "org.freedesktop.DBus",
  };
  const call = (bus as unknown as { call(message: Message): Promise<{ body: [string[]] }> }).call.bind(bus);
  const { body } = await call(new Message({ ...where, member: "ListNames" }));
  return body[0].filter((name) => name.startsWith(":") && name !== bus.name);
}
