import { toAoError } from "@agent-orchestrator/core/model/errors";
import type {
  TerminalEvents,
  TerminalPicture,
  TerminalSize,
  TerminalView,
} from "@agent-orchestrator/core/slots/terminal-view";
import type { TerminalViewer } from "./terminal-viewer.ts";

/** Lines above the screen that a picture has. */
const SCROLLBACK = 2_000;
/** A larger picture loses its oldest lines. */
const MAX_PICTURE = 512 * 1024;

/** One look at a terminal, shared by everybody who looks at it now. */
export class SharedView {
  readonly #viewers = new Set<TerminalViewer>();
  readonly #report: (error: unknown) => void;
  readonly #view: Promise<TerminalView>;
  #pending: Uint8Array[] = [];
  #isAsked = false;
  #isClosed = false;
  /** Whose size the terminal has. */
  #sizedBy: TerminalViewer | null = null;

  constructor(open: (events: TerminalEvents) => Promise<TerminalView>, report: (error: unknown) => void) {
    this.#report = report;
    this.#view = open({
      onOutput: (bytes) => this.#take(bytes),
      onPicture: (picture) => this.#show(picture),
      onGap: () => this.#lose(),
      onEnd: () => this.#end(),
    });
  }

  get isEmpty(): boolean {
    return this.#viewers.size === 0;
  }

  /** Rejects if the terminal cannot be looked at. */
  async add(viewer: TerminalViewer): Promise<void> {
    this.#viewers.add(viewer);
    try {
      await this.#view;
      await this.#ask();
    } catch (error) {
      this.#viewers.delete(viewer);
      throw error;
    }
  }

  remove(viewer: TerminalViewer): void {
    this.#viewers.delete(viewer);
    if (this.#sizedBy !== viewer) return;
    this.#sizedBy = null;
    if (!this.isEmpty) this.#view.then((view) => view.resize(null)).catch((error: unknown) => this.#report(error));
  }

  async write(keys: Uint8Array): Promise<void> {
    await (await this.#view).write(keys);
  }

  /** The size of whoever set it last, until they leave. */
  async resize(viewer: TerminalViewer, size: TerminalSize): Promise<void> {
    if (!this.#viewers.has(viewer)) return;
    this.#sizedBy = viewer;
    await (await this.#view).resize(size);
  }

  confirm(viewer: TerminalViewer, bytes: number): void {
    if (viewer.confirm(bytes)) this.#askSafely();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const view = await this.#view.catch(() => null); // It never opened.
    await view?.close().catch((error: unknown) => this.#report(error));
  }

  async #ask(): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    try {
      await (await this.#view).takePicture(SCROLLBACK);
    } catch (error) {
      this.#isAsked = false;
      throw error;
    }
  }

  #askSafely(): void {
    this.#ask().catch((error: unknown) => {
      const { code, message } = toAoError(error);
      for (const viewer of this.#viewers) viewer.tell({ type: "error", code, message });
      this.#report(error);
    });
  }

  /** What comes within one turn of the loop goes out as one message. */
  #take(bytes: Uint8Array): void {
    if (this.#pending.push(bytes) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const all = Buffer.concat(this.#pending);
    this.#pending = [];
    for (const viewer of this.#viewers) viewer.output(all);
  }

  #show(picture: TerminalPicture): void {
    this.#isAsked = false; // What happens from here on is not in it.
    this.#flush(); // Those who are live have not seen it yet. It is in the picture of the others.
    const shown = { ...picture, bytes: newestLines(picture.bytes) };
    for (const viewer of this.#viewers) viewer.show(shown);
  }

  #lose(): void {
    this.#flush();
    for (const viewer of this.#viewers) viewer.invalidate();
    if ([...this.#viewers].some((viewer) => viewer.needsPicture)) this.#askSafely();
  }

  #end(): void {
    this.#flush();
    for (const viewer of this.#viewers) viewer.end();
  }
}

function newestLines(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_PICTURE) return bytes;
  const cut = bytes.subarray(bytes.length - MAX_PICTURE);
  return cut.subarray(cut.indexOf(0x0a) + 1);
}
