import type { Transport } from "@agent-orchestrator/core/protocol/client";

/** Lines of one answer, handed from the socket to whoever reads them. */
interface Answer {
  push(line: string): void;
  end(): void;
}

/** A frame begins with the number of its request. */
const FRAME = /^\{"id":(\d+),/;

/** Many requests share one WebSocket. Each has a number, and its answer's frames carry it. */
export interface Channel {
  transport: Transport;
  close(): void;
}

/** `onClose` is called once, when the connection is lost or closed. The answers under way then end without a result. */
export function openChannel(socket: WebSocket, onClose: () => void): Channel {
  const answers = new Map<number, Answer>();
  let last = 0;
  socket.addEventListener("message", ({ data }) => {
    const text = String(data);
    answers.get(Number(FRAME.exec(text)?.[1]))?.push(text);
  });
  socket.addEventListener("close", () => {
    for (const answer of answers.values()) answer.end();
    answers.clear();
    onClose();
  });
  async function* transport({ name, body, signal }: Parameters<Transport>[0]): AsyncIterable<string> {
    last += 1;
    const id = last;
    if (socket.readyState !== WebSocket.OPEN) return;
    const { lines, answer } = queue();
    answers.set(id, answer);
    const cancel = () => {
      answer.end();
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id, cancel: true }));
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      socket.send(`{"id":${id},"name":${JSON.stringify(name)},"body":${body}}`);
      yield* lines;
    } finally {
      signal?.removeEventListener("abort", cancel);
      answers.delete(id);
    }
  }
  return { transport, close: () => socket.close() };
}

/** What is pushed is read in order. Reading waits for more until the end. */
export function queue(): { lines: AsyncIterable<string>; answer: Answer } {
  const waiting: string[] = [];
  let isOver = false;
  let wake: () => void = () => undefined;
  async function* lines(): AsyncIterable<string> {
    for (;;) {
      const line = waiting.shift();
      if (line !== undefined) yield line;
      else if (isOver) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    lines: lines(),
    answer: {
      push(line) {
        waiting.push(line);
        wake();
      },
      end() {
        isOver = true;
        wake();
      },
    },
  };
}
