/** `42 s`, `7 m`, `3 h`, `2 d`: one unit, rounded down, as on the command line. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function ageOf(iso: string | null | undefined, nowMs: number): string {
  const at = Date.parse(iso ?? "");
  return Number.isNaN(at) ? "" : age(nowMs - at);
}

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
