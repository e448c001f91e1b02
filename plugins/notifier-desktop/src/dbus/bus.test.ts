import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import { sampleEvent } from "@agent-orchestrator/testkit/contracts/notifier";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, onTestFinished, test } from "vitest";
import { notifierWith } from "../testing/desktop.ts";
import { busAddress, socketsOf } from "./addresses.ts";

/** A bus that lets anybody in, and then sends these bytes. */
async function busThatSends(bytes: Buffer): Promise<string> {
  const path = join(tempDir("ao-bus"), "bus");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", (data) => {
      if (data.includes("AUTH EXTERNAL")) socket.write("OK 0123456789abcdef0123456789abcdef\r\n");
      if (data.includes("BEGIN")) socket.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `unix:path=${path}`;
}

/** A signal with a body of this type. `fields` is what its header says. */
function message(signature: string, body: Buffer, lengths: { fields?: number; body?: number } = {}): Buffer {
  const fields = Buffer.from([8, 1, 0x67, 0, signature.length, ...Buffer.from(signature), 0]);
  const padded = Buffer.concat([fields, Buffer.alloc((8 - (fields.length % 8)) % 8)]);
  const header = Buffer.alloc(16);
  header.set([0x6c, 4, 0, 1]);
  header.writeUInt32LE(lengths.body ?? body.length, 4);
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(lengths.fields ?? fields.length, 12);
  return Buffer.concat([header, padded, body]);
}

test.each<[string, Buffer]>([
  ["a type that the library does not know", message("h", Buffer.alloc(4))],
  ["a type that there is not", message("!", Buffer.alloc(4))],
  ["a text that is longer than its message", message("s", Buffer.from([0xff, 0xff, 0xff, 0x7f]))],
  ["a signature that does not end", message("(((", Buffer.alloc(8))],
  ["an array that ends in the middle of an item", message("au", Buffer.from([3, 0, 0, 0, 1, 2, 3, 4]))],
  ["fields that are none", message("u", Buffer.alloc(4), { fields: 3 })],
  ["no D-Bus at all", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n<html></html>".repeat(50))],
])(
  "a message that can't be read ends the connection, and not the daemon: %s",
  async (_what, bytes) => {
    // Some of them are only the beginning of a message, so its end is waited for. Time is faster here.
    const clock = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal) };
    const notifier = notifierWith({ DBUS_SESSION_BUS_ADDRESS: await busThatSends(bytes) }, { clock });
    await expect(notifier.notify(sampleEvent())).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNAVAILABLE|UNREACHABLE)$/),
      hint: expect.any(String),
    });
  },
  10_000,
);

test.each([
  ["unix:path=/run/user/1000/bus", ["/run/user/1000/bus"]],
  ["unix:path=/run/user/1000/bus,guid=00ff", ["/run/user/1000/bus"]],
  ["unix:abstract=/tmp/dbus-x,guid=1", ["\0/tmp/dbus-x"]],
  ["tcp:host=localhost,port=1;unix:path=/a%20b", ["/a b"]],
  ["unix:path=/a;unix:path=/b", ["/a", "/b"]],
  ["unix:path=%zz", []],
  ["unix:tmpdir=/tmp", []],
  ["autolaunch:", []],
  ["", []],
])("the sockets of %s", (address, sockets) => {
  expect(socketsOf(address)).toEqual(sockets);
});

test("the address is the environment's, or where it usually is", async () => {
  expect(busAddress({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/x", XDG_RUNTIME_DIR: "/nowhere" })).toBe("unix:path=/x");
  expect(busAddress({ XDG_RUNTIME_DIR: "/nowhere" })).toBeNull();
  expect(busAddress({})).toBeNull();
  const dir = (await busThatSends(Buffer.alloc(0))).replace(/^unix:path=(.*)\/bus$/, "$1");
  expect(socketsOf(busAddress({ XDG_RUNTIME_DIR: dir }) ?? "")).toEqual([`${dir}/bus`]);
});
