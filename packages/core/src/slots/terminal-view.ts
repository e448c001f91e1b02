/** Of a terminal, in characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** What another terminal must be sent, after a reset, to show what this one shows. */
export interface TerminalPicture {
  bytes: Uint8Array;
  size: TerminalSize;
}

/** What happens in a terminal, in its order. Everything between two calls of `onPicture` and `onGap` is whole. */
export interface TerminalEvents {
  /** As the program wrote it. */
  onOutput(bytes: Uint8Array): void;
  /** The answer to `takePicture`. What was written before is in it, and what is written after comes to `onOutput`. */
  onPicture(picture: TerminalPicture): void;
  /** Output was lost, or the size changed. Only a new picture helps. */
  onGap(): void;
  /** The terminal is gone. */
  onEnd(): void;
}

/** A look at a session's terminal, for people. It changes nothing unless it is told to. */
export interface TerminalView {
  /** Asks for a picture with this many lines above the screen. Rejects if there is none. */
  takePicture(scrollback: number): Promise<void>;
  /** Keys that a person pressed, as a terminal sends them. */
  write(keys: Uint8Array): Promise<void>;
  /** Gives the terminal this size. Null, or `close`, gives it back the one it would have without this. */
  resize(size: TerminalSize | null): Promise<void>;
  close(): Promise<void>;
}
