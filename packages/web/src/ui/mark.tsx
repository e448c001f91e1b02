import type { Tone } from "../words/session-words.ts";
import { Icon, type IconName } from "./icon.tsx";

const ICONS: Record<Tone, IconName> = { good: "check", bad: "cross", busy: "clock", none: "dot" };

/** A state with its colour, its sign and its words, so that no one of them is needed alone. */
export function Mark({ tone, text }: { tone: Tone; text: string }) {
  return (
    <span class={`mark ${tone}`}>
      <Icon name={ICONS[tone]} />
      {text}
    </span>
  );
}
