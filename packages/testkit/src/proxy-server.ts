import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface ProxyServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Where connections were asked for, with the credentials that came along. */
  asked: { target: string; authorization: string | undefined }[];
}

/** A real proxy on loopback. It connects everything to one place, as if all names resolved to it, or refuses. */
export async function proxyServer(to: { port: number } | { status: number }): Promise<ProxyServer> {
  const asked: ProxyServer["asked"] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // Either side may end it first.
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", keep);
  server.on("connect", (request, socket: Socket, head: Buffer) => {
    asked.push({ target: request.url ?? "", authorization: request.headers["proxy-authorization"] });
    if ("status" in to) return void socket.end(`HTTP/1.1 ${to.status} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(to.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    keep(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
