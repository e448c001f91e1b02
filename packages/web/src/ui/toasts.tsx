import { dismiss, toasts } from "../state/toasts.ts";
import { Icon } from "./icon.tsx";

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text, hint }) => (
        <div key={id} class={`toast ${tone}`}>
          <div>
            <p>{text}</p>
            {hint !== undefined && <p class="hint">{hint}</p>}
          </div>
          <button type="button" class="quiet square" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
