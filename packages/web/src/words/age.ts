const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-01-31 14:30`, in the browser's time zone. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `14:30`, with the date if that is not today. */
export function clockTime(iso: string, nowMs: number): string {
  const [day = "", time = ""] = localTime(iso).split(" ");
  const [today] = localTime(new Date(nowMs).toISOString()).split(" ");
  return day === today ? time : `${day} ${time}`;
}
