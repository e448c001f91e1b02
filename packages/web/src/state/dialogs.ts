import { signal } from "@preact/signals";

/** The one dialog that is open. */
export type Dialog =
  | {
      kind: "confirm";
      title: string;
      text: string;
      /** What the button says. */
      verb: string;
      isDanger: boolean;
      act(): Promise<void>;
    }
  | {
      kind: "words";
      title: string;
      text: string;
      label: string;
      verb: string;
      isRequired: boolean;
      /** What is in the field already. */
      words?: string;
      act(words: string): Promise<void>;
    }
  | { kind: "handoff"; session: string; agent: string; projectId: string }
  | { kind: "spawn" }
  | { kind: "keys" };

export const dialog = signal<Dialog | null>(null);

export const openDialog = (wanted: Dialog): void => {
  dialog.value = wanted;
};

export const closeDialog = (): void => {
  dialog.value = null;
};
