/** Small pictures, drawn by hand on a grid of 16. They are decoration: words beside them say the same. */
const PATHS = {
  board: "M2.5 3.5h11M2.5 8h11M2.5 12.5h7",
  fleet: "M3 13V8M8 13V3M13 13V6",
  plus: "M8 3v10M3 8h10",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z",
  keys: "M1.5 4.5h13v7h-13zM4 7h.5M7 7h.5M10 7h.5M5 9.5h6",
  back: "M10 3 5 8l5 5",
  right: "m6 3.5 4.5 4.5L6 12.5",
  down: "m3.5 6 4.5 4.5L12.5 6",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3 8.5 3.5 3.5L13 4.5",
  cross: "m4.5 4.5 7 7M11.5 4.5l-7 7",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.5L10.5 10",
  dot: "M8 9.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z",
  ask: "M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M8 12.5v.1",
  merge:
    "M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM11.5 9.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 5.5c0 2 2 2.5 5.5 2.5",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  copy: "M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14.5h3",
  warn: "M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, spins = false }: { name: IconName; spins?: boolean }) {
  return (
    <svg class={`icon${spins ? " spins" : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
