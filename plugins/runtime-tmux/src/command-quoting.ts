/**
 * tmux's command language, for the control client. This is the only place that quotes for it. Everything except plain words is
 * written as octal escapes in double quotes, so no byte can end a command, start another one or name a variable.
 * Quoting does not stop formats. Strangers' text goes only where tmux expands none (buffers, `set-option` values).
 */
export function word(text: string | Uint8Array): string {
  if (typeof text === "string" && /^[A-Za-z0-9_-]+$/.test(text)) return text;
  let out = '"';
  for (const byte of Buffer.from(text)) out += OCTAL[byte];
  return `${out}"`;
}

const OCTAL = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9 ]/.test(char) ? char : `\\${byte.toString(8).padStart(3, "0")}`;
});

/** One command: its name and arguments. */
export const command = (...words: (string | Uint8Array)[]): string => words.map(word).join(" ");

/** Commands that run one after another. The first that fails ends the list. */
export const inTurn = (...commands: string[]): string => commands.join(" ; ");

/** `format` must be ours, because tmux expands it. */
export function when(target: string, format: string, { yes, no }: { yes: string; no: string }): string {
  return `${command("if-shell", "-F", "-t", target, format)} { ${yes} } { ${no} }`;
}
