import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Placed<T> {
  row: T;
  top: number;
  height: number;
}

export interface Placing<T> {
  placed: readonly Placed<T>[];
  height: number;
}

/** Where each row of a list goes. Heights are known without drawing, so nothing moves when it is drawn. */
export function place<T>(rows: readonly T[], heightOf: (row: T) => number): Placing<T> {
  let top = 0;
  const placed = rows.map((row) => {
    const height = heightOf(row);
    const at = { row, top, height };
    top += height;
    return at;
  });
  return { placed, height: top };
}

const MARGIN = 400;

/** Those that are seen, and a few around them. */
export function visible<T>(placed: readonly Placed<T>[], { top, height }: { top: number; height: number }) {
  const found: Placed<T>[] = [];
  for (let at = firstBelow(placed, top - MARGIN); at < placed.length; at += 1) {
    const each = placed[at];
    if (each === undefined || each.top > top + height + MARGIN) break;
    found.push(each);
  }
  return found;
}

function firstBelow<T>(placed: readonly Placed<T>[], y: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const each = placed[middle];
    if (each !== undefined && each.top + each.height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Props<T extends { key: string }> {
  label: string;
  placing: Placing<T>;
  class?: string;
  /** The row that should be seen. */
  shows?: string | null;
  idOf?(row: T): string | undefined;
  /** For rows that are wider than the frame, in characters. */
  columns?: number;
  children(row: T): ComponentChildren;
}

/** A list that draws only what is seen. It scrolls in an element of its own. */
export function Windowed<T extends { key: string }>(props: Props<T>) {
  const { label, placing, shows = null, idOf, columns, children } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 900 });
  useLayoutEffect(() => {
    const { current } = frame;
    if (current === null) return;
    const look = () => setSeen({ top: current.scrollTop, height: current.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(current);
    current.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      current.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => {
    const at = placing.placed.find(({ row }) => row.key === shows);
    if (at !== undefined && frame.current !== null) showWhole(frame.current, at);
  }, [shows]);
  const width = columns === undefined ? {} : { minWidth: `${columns}ch` };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls is reached by the keyboard.
    <section class={`list-frame ${props.class ?? ""}`} ref={frame} aria-label={label} tabIndex={0}>
      <ul class="list" style={{ height: `${placing.height}px`, ...width }}>
        {visible(placing.placed, seen).map(({ row, top, height }) => (
          <li
            key={row.key}
            class="list-row"
            id={idOf?.(row)}
            style={{ transform: `translateY(${top}px)`, height: `${height}px` }}
          >
            {children(row)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function showWhole(frame: HTMLElement, { top, height }: Placed<unknown>): void {
  if (top < frame.scrollTop) frame.scrollTop = Math.max(0, top - 44);
  else if (top + height > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + height - frame.clientHeight;
}
