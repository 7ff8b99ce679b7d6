import { eachLine } from "./fields.ts";

const MAX_MOUNTS = 4096;

/** One line of /proc/self/mountinfo. */
export interface Mount {
  /** `major:minor` of the file system's device; major 0 is a device that the kernel made up. */
  readonly device: string;
  /** The folder inside the file system that is mounted; `/` unless it is a bind mount or a subvolume. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
}

/** Reads /proc/self/mountinfo (proc_pid_mountinfo(5)); lines that do not have its shape are left out. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  eachLine(text, (start, end) => {
    if (mounts.length === MAX_MOUNTS) return;
    const fields = text.slice(start, end).split(" ");
    const [, , device, root, mountPoint] = fields;
    // Optional fields stand between the options and the dash, so it is searched from the seventh field on.
    const type = fields[fields.indexOf("-", 6) + 1];
    if (device === undefined || root === undefined || mountPoint === undefined || type === undefined) return;
    if (!fields.includes("-", 6) || !device.includes(":")) return;
    mounts.push({ device, root: unescapeOctal(root), mountPoint: unescapeOctal(mountPoint), type });
  });
  return mounts;
}

const NETWORK_TYPES =
  /^(?:nfs4?|cifs|smb3|smbfs|9p|ceph|afs|coda|ncpfs|lustre|gpfs|beegfs|pvfs2|orangefs|glusterfs|davfs|ocfs2|gfs2|fuse(?:\..+)?)$/;
/** File systems on a made-up device that hold files all the same. */
const REAL_TYPES_WITHOUT_DEVICE = new Set(["btrfs", "zfs", "bcachefs", "ubifs", "virtiofs"]);
/** Images that are always full: a snap at 100 % is no news. */
const READ_ONLY_IMAGE_TYPES = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"]);
const KERNEL_FOLDERS = /^\/(?:proc|sys|dev)(?:\/|$)/;
/** Single files that container engines bind from the host's disk. */
const CONTAINER_FILES = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

/** Whether asking this file system for its size can wait for another machine or for a user's program. */
function isNetworkMount(mount: Mount): boolean {
  return NETWORK_TYPES.test(mount.type);
}

/**
 * The mounts whose space is worth watching, each file system once: no pseudo file systems, no read-only images, no
 * network file systems unless asked for, no container layers; the root always, whatever it is made of. Of several
 * mounts of one device the whole file system wins over a bind mount, then the shorter path.
 */
export function realMounts(mounts: readonly Mount[], options: { includeNetwork: boolean }): Mount[] {
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount])); // a later mount hides an earlier one
  const byDevice = new Map<string, Mount>();
  for (const mount of visible.values()) {
    if (!isReal(mount, options.includeNetwork)) continue;
    const known = byDevice.get(mount.device);
    if (known === undefined || isBetter(mount, known)) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
}

function isReal(mount: Mount, includeNetwork: boolean): boolean {
  if (mount.mountPoint === "/") return mount.type !== "rootfs";
  if (KERNEL_FOLDERS.test(mount.mountPoint) || CONTAINER_FILES.has(mount.mountPoint)) return false;
  if (isNetworkMount(mount)) return includeNetwork;
  if (READ_ONLY_IMAGE_TYPES.has(mount.type)) return false;
  return !mount.device.startsWith("0:") || REAL_TYPES_WITHOUT_DEVICE.has(mount.type);
}

function isBetter(candidate: Mount, known: Mount): boolean {
  const wholeness = Number(candidate.root === "/") - Number(known.root === "/");
  if (candidate.mountPoint === "/" || known.mountPoint === "/") return candidate.mountPoint === "/";
  return wholeness !== 0 ? wholeness > 0 : candidate.mountPoint.length < known.mountPoint.length;
}

/** Blanks, tabs, line feeds and backslashes in paths are written as three octal digits. */
function unescapeOctal(path: string): string {
  if (!path.includes("\\")) return path;
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
