/** The id itself if it has up to 4 letters, else the initials of its words, else the first 3 letters. */
export function sessionPrefixOf(projectId: string): string {
  if (/^[A-Za-z0-9_]{1,4}$/.test(projectId)) return projectId;
  const words = projectId.split(/[-_]+|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== "");
  if (words.length > 1) return words.map((word) => word.charAt(0)).join("");
  return (words[0] ?? projectId).slice(0, 3);
}

/** Groups of ids that differ only in case. */
export function collisions(named: ReadonlyMap<string, string>): string[][] {
  const byName = new Map<string, string[]>();
  for (const [id, name] of named) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), id]);
  }
  return [...byName.values()].filter((ids) => ids.length > 1);
}
