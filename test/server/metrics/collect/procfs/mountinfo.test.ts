import { describe, expect, test } from "bun:test";
import { parseMountinfo, realMounts } from "../../../../../server/metrics/collect/procfs/mountinfo.ts";

const SERVER = `22 27 0:21 / /proc rw,relatime - proc proc rw
23 27 0:22 / /sys rw shared:7 - sysfs sysfs rw
25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw
27 1 254:0 / / rw,relatime shared:1 master:2 propagate_from:3 - ext4 /dev/vda rw,discard
30 27 254:2 / /boot rw - ext4 /dev/vda2 rw
31 30 254:1 / /boot/efi rw - vfat /dev/vda1 rw
32 27 254:0 /srv/data /exports/data rw - ext4 /dev/vda rw
33 27 7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro
34 27 8:16 / /mnt/my\\040backup\\134disk rw - xfs /dev/sdb rw
35 27 0:40 / /home rw - btrfs /dev/sdc rw,subvol=/home
36 27 0:40 /var /var rw - btrfs /dev/sdc rw,subvol=/var
37 27 0:50 / /mnt/nas rw - nfs4 nas:/export rw
38 27 0:51 / /mnt/ssh rw - fuse.sshfs me@there:/ rw
39 27 0:52 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw
40 27 0:53 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw
41 27 0:54 / /tank rw - zfs tank rw
`;

const CONTAINER = `600 500 0:99 / / rw,relatime master:9 - overlay overlay rw,lowerdir=/a,upperdir=/b
601 600 0:100 / /proc rw - proc proc rw
602 600 254:0 /containers/x/hosts /etc/hosts rw - ext4 /dev/vda rw
603 600 254:0 /containers/x/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda rw
604 600 254:0 /volumes/state/_data /var/lib/state rw - ext4 /dev/vda rw
`;

function mountPointsOf(text: string, includeNetwork = false): string[] {
  return realMounts(parseMountinfo(text), { includeNetwork }).map((mount) => mount.mountPoint);
}

describe("reading /proc/self/mountinfo", () => {
  test("finds the type behind any number of optional fields and unescapes paths", () => {
    const mounts = parseMountinfo(SERVER);
    expect(mounts).toHaveLength(16);
    expect(mounts[3]).toEqual({ device: "254:0", root: "/", mountPoint: "/", type: "ext4" });
    expect(mounts[8]?.mountPoint).toBe("/mnt/my backup\\disk");
  });

  test("is not misled by a path that is a dash", () => {
    expect(parseMountinfo("1 0 8:1 / - rw - ext4 /dev/sda1 rw\n")).toEqual([
      { device: "8:1", root: "/", mountPoint: "-", type: "ext4" },
    ]);
  });

  test.each(["", "\n", "1 2 3\n", "27 1 254:0 / / rw,relatime\n", "27 1 254:0 / / rw - ext4 /dev/vda rw"])(
    "finds nothing in %j",
    (text) => {
      expect(parseMountinfo(text)).toEqual([]);
    },
  );
});

describe("choosing the mounts worth watching", () => {
  test("keeps each real file system of a server once", () => {
    expect(mountPointsOf(SERVER)).toEqual([
      "/",
      "/boot",
      "/boot/efi",
      "/home",
      "/mnt/my backup\\disk",
      "/tank",
    ]);
  });

  test("adds network file systems only when asked for", () => {
    const withNetwork = mountPointsOf(SERVER, true);
    expect(withNetwork).toContain("/mnt/nas");
    expect(withNetwork).toContain("/mnt/ssh");
    expect(withNetwork).not.toContain("/var/lib/docker/overlay2/abc/merged");
  });

  test("keeps the layered root of a container and its volumes, not the files bound into it", () => {
    expect(mountPointsOf(CONTAINER)).toEqual(["/", "/var/lib/state"]);
  });

  test("prefers a whole file system to a bind mount with a shorter path, and the root to both", () => {
    const bind = "1 0 8:1 /a /b rw - ext4 /dev/sda1 rw\n";
    expect(mountPointsOf(`${bind}2 0 8:1 / /mnt/whole rw - ext4 /dev/sda1 rw\n`)).toEqual(["/mnt/whole"]);
    expect(mountPointsOf(`${bind}2 0 8:1 /@ / rw - btrfs /dev/sda1 rw\n`)).toEqual(["/"]);
  });

  test("sees what a later mount put over an earlier one", () => {
    const text =
      "1 0 0:1 / / rw - rootfs rootfs rw\n2 1 8:1 / / rw - ext4 /dev/sda1 rw\n3 2 8:2 / /x rw - ext4 b rw\n4 2 0:9 / /x rw - tmpfs t rw\n";
    expect(mountPointsOf(text)).toEqual(["/"]);
  });
});
