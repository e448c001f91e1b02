import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon.tsx";

/** What has the focus first: a field, or else what the dialog is for. What cannot be undone is not a key away. */
const FIRST = "textarea, input, select, button.main, footer button";

/** The browser's own dialog: it keeps the focus, and Esc closes it. */
export function DialogFrame(props: { title: string; onClose(): void; children: ComponentChildren; isWide?: boolean }) {
  const { title, onClose, children, isWide = false } = props;
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = element;
    const before = document.activeElement;
    current?.showModal();
    current?.querySelector<HTMLElement>(FIRST)?.focus();
    const leave = (event: Event) => {
      if (event.target === current) onClose();
    };
    current?.addEventListener("click", leave);
    return () => {
      current?.removeEventListener("click", leave);
      current?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide ? "wide" : ""}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2>{title}</h2>
          <button type="button" class="quiet square" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
