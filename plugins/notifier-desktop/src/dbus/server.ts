import type { Answer, Bus, Signal } from "./bus.ts";

/** https://specifications.freedesktop.org/notification-spec/latest/ */
const SERVICE = "org.freedesktop.Notifications";
const PATH = "/org/freedesktop/Notifications";

/** The program that shows notifications. */
export interface Server {
  name: string;
  /** Its unique name on the bus. */
  owner: string;
  can: ReadonlySet<string>;
}

/** What `Notify` takes. */
export interface Wire {
  replaces: number;
  title: string;
  body: string;
  /** Keys and labels, one after the other. */
  actions: string[];
  urgency: 0 | 1 | 2;
  category: string;
}

/** Something happened to a notification. */
export type Happened = { id: number; sender: string } & (
  | { kind: "pressed"; key: string }
  | { kind: "token"; token: string }
  | { kind: "closed" }
);

const ask = (bus: Bus, member: string, more: { signature?: string; body?: readonly unknown[] } = {}) =>
  bus.call({ destination: SERVICE, path: PATH, interface: SERVICE, member, ...more });

const askBus = (bus: Bus, member: string, text: string): Promise<Answer> => {
  const face = "org.freedesktop.DBus";
  return bus.call({
    destination: face,
    path: "/org/freedesktop/DBus",
    interface: face,
    member,
    signature: "s",
    body: [text],
  });
};

/** Starts the server if the bus knows how. */
export async function serverOn(bus: Bus): Promise<Server> {
  const { sender: owner, body } = await ask(bus, "GetServerInformation");
  const { body: can } = await ask(bus, "GetCapabilities");
  const list = Array.isArray(can[0]) ? (can[0] as unknown[]) : [];
  return { name: String(body[0] ?? ""), owner, can: new Set(list.map(String)) };
}

/** From now on its signals arrive. */
export const subscribe = (bus: Bus): Promise<Answer> =>
  askBus(bus, "AddMatch", `type='signal',sender='${SERVICE}',path='${PATH}',interface='${SERVICE}'`);

export async function notify(bus: Bus, wire: Wire): Promise<{ id: number; owner: string }> {
  const { replaces, title, body, actions, urgency, category } = wire;
  const hints = [
    ["urgency", ["y", urgency]],
    ["category", ["s", category]],
    ["desktop-entry", ["s", "ao"]],
  ];
  const whole = ["ao", replaces, "", title, body, actions, hints, -1];
  const answer = await ask(bus, "Notify", { signature: "susssasa{sv}i", body: whole });
  return { id: Number(answer.body[0]), owner: answer.sender };
}

export const closeNotification = (bus: Bus, id: number): Promise<Answer> =>
  ask(bus, "CloseNotification", { signature: "u", body: [id] });

/** Null for what is no signal of a notification server's. Who has sent it is for the caller to judge. */
export function happened({ sender, path, interface: face, member, body }: Signal): Happened | null {
  const [id, second] = body;
  if (path !== PATH || face !== SERVICE || typeof id !== "number") return null;
  if (member === "NotificationClosed") return { kind: "closed", id, sender };
  if (typeof second !== "string") return null;
  if (member === "ActionInvoked") return { kind: "pressed", id, sender, key: second };
  return member === "ActivationToken" ? { kind: "token", id, sender, token: second } : null;
}
