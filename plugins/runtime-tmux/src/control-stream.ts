export interface ControlBlock {
  ok: boolean;
  lines: string[];
}

export interface ControlListener {
  /** The answer to one command, in the order of the commands. */
  block(block: ControlBlock): void;
  /** A line outside of answers: `%output …`, `%client-detached …`. Bytes as latin1. */
  notice(line: string): void;
}

/**
 * tmux's control protocol (tmux(1), "CONTROL MODE"). An answer is enclosed in `%begin T N F` and `%end T N F` or
 * `%error T N F`. The closing line must have the numbers of the opening one, because an answer may contain a program's own text.
 */
export function controlStream(listener: ControlListener): (chunk: string) => void {
  let rest = "";
  let open: { numbers: string; lines: string[] } | null = null;

  function line(text: string): void {
    if (open === null) {
      if (text.startsWith("%begin ")) open = { numbers: text.slice(7), lines: [] };
      else listener.notice(text);
      return;
    }
    const ok = text === `%end ${open.numbers}`;
    if (!ok && text !== `%error ${open.numbers}`) {
      open.lines.push(text);
      return;
    }
    const { lines } = open;
    open = null;
    listener.block({ ok, lines });
  }

  return (chunk) => {
    const text = rest + chunk;
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      line(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
  };
}

/** What a pane's program wrote, in tmux's escaping, or null for other notices. */
export function outputOf(notice: string): { paneId: string; text: string } | null {
  if (notice.startsWith("%output ")) {
    const blank = notice.indexOf(" ", 8);
    return { paneId: notice.slice(8, blank), text: notice.slice(blank + 1) };
  }
  if (!notice.startsWith("%extended-output ")) return null;
  const blank = notice.indexOf(" ", 17);
  const colon = notice.indexOf(" : ", blank);
  return { paneId: notice.slice(17, blank), text: notice.slice(colon + 3) };
}
