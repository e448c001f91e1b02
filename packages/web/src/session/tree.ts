import type { PatchFile } from "./patch.ts";

/** Files by their folder, in the order of the folders' names. Files without one come last. */
export function treeOf(files: readonly PatchFile[]): { folder: string; files: PatchFile[] }[] {
  const folders = new Map<string, PatchFile[]>();
  for (const file of files) {
    const folder = file.path.includes("/") ? file.path.slice(0, file.path.lastIndexOf("/")) : "";
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders]
    .map(([folder, members]) => ({ folder, files: members }))
    .sort((a, b) => (a.folder === "" ? 1 : b.folder === "" ? -1 : a.folder < b.folder ? -1 : 1));
}
