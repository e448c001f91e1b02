import { Icon } from "../ui/icon.tsx";
import { Counts } from "./diff-row.tsx";
import type { PatchFile } from "./patch.ts";
import { treeOf } from "./tree.ts";

interface Props {
  files: readonly PatchFile[];
  base: string;
  onChoose(path: string): void;
}

/** The changed files by folder. */
export function FileTree({ files, base, onChoose }: Props) {
  const added = files.reduce((sum, file) => sum + file.added, 0);
  const deleted = files.reduce((sum, file) => sum + file.deleted, 0);
  return (
    <nav class="tree" aria-label="Changed files">
      <p class="tree-head">
        {files.length} {files.length === 1 ? "file" : "files"}
        <span class="counts">
          <span class="added">+{added}</span>
          <span class="deleted">−{deleted}</span>
        </span>
        {base !== "" && <span class="hint">against {base}</span>}
      </p>
      {treeOf(files).map(({ folder, files: members }) => (
        <div key={folder}>
          {folder !== "" && <p class="folder">{folder}</p>}
          <ul>
            {members.map((file) => (
              <li key={file.path}>
                <button type="button" class="quiet" title={file.path} onClick={() => onChoose(file.path)}>
                  <Icon name="file" />
                  <span class="path">{file.path.slice(folder === "" ? 0 : folder.length + 1)}</span>
                  <Counts file={file} />
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
