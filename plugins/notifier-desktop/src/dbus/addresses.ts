import { existsSync } from "node:fs";
import { join } from "node:path";

/** The address of the user's session bus. Null if there is none. */
export function busAddress(env: Readonly<Record<string, string>>): string | null {
  const given = env.DBUS_SESSION_BUS_ADDRESS ?? "";
  if (given !== "") return given;
  const usual = join(env.XDG_RUNTIME_DIR ?? "/nowhere", "bus");
  return env.XDG_RUNTIME_DIR !== undefined && existsSync(usual) ? `unix:path=${encodeURI(usual)}` : null;
}

/**
 * The sockets of an address that this program can connect to (https://dbus.freedesktop.org/doc/dbus-specification.html#addresses).
 * None for TCP and for buses that a program has to start first.
 */
export function socketsOf(address: string): string[] {
  return address.split(";").flatMap((one) => {
    const [transport, rest = ""] = one.split(/:(.*)/s, 2);
    if (transport !== "unix") return [];
    const values = new Map(rest.split(",").map((pair) => pair.split(/=(.*)/s, 2) as [string, string]));
    const [path, abstract] = [unescaped(values.get("path")), unescaped(values.get("abstract"))];
    return path !== null ? [path] : abstract !== null ? [`\0${abstract}`] : [];
  });
}

function unescaped(value: string | undefined): string | null {
  if (value === undefined || value === "") return null;
  try {
    return decodeURIComponent(value);
  } catch {
    return null; // Not a valid address.
  }
}
