import { parseMountinfo, realMounts } from "./procfs/mountinfo.ts";
import type { ProcFile } from "./procfs/proc-file.ts";

/** The mount points worth watching, from /proc/self/mountinfo; chosen anew only when that text changed. */
export function mountPointsOfKernel(
  file: ProcFile,
  options: { includeNetwork: boolean },
): () => readonly string[] {
  let readText: string | undefined;
  let mountPoints: readonly string[] = [];
  return () => {
    const text = file.read();
    if (text !== undefined && text !== readText) {
      readText = text;
      mountPoints = realMounts(parseMountinfo(text), options).map((mount) => mount.mountPoint);
    }
    return mountPoints;
  };
}
