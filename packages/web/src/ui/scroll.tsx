import type { ComponentChildren } from "preact";

/** A part that scrolls by itself. What scrolls is reached by the keyboard. */
export function Scroll(props: { label: string; class?: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: Arrow keys scroll it once it has the focus.
    <section class={`scroll ${props.class ?? ""}`} aria-label={props.label} tabIndex={0}>
      {props.children}
    </section>
  );
}
