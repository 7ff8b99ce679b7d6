import { desc, eq, inArray } from "drizzle-orm";
import type { PluginPermissions } from "../../../schema/plugin/manifest.ts";
import { pluginApprovals } from "../../../schema/tables/plugins.ts";
import type { Connection, Database } from "../../database/database.ts";
import type { FileHash, PluginPackage } from "../trust/plugin-package.ts";

type Row = typeof pluginApprovals.$inferSelect;

/** Who let which bytes do what. */
export interface Approval extends Omit<Row, "permissions" | "files"> {
  /** As approved, placeholders unresolved. */
  permissions: PluginPermissions;
  /** Path → hash of every file. */
  files: ReadonlyMap<string, FileHash>;
}

/** Approvals kept of each plugin; the newest is in force, the others tell the history. */
const KEPT_PER_PLUGIN = 50;

/** Every query of approvals. */
export class ApprovalStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The one in force. */
  async findNewest(pluginId: string, db: Connection = this.#database.reader): Promise<Approval | undefined> {
    const [newest] = await this.listOf(pluginId, 1, db);
    return newest;
  }

  /** Newest first. */
  async listOf(
    pluginId: string,
    limit = KEPT_PER_PLUGIN,
    db: Connection = this.#database.reader,
  ): Promise<Approval[]> {
    return (
      db
        .select()
        .from(pluginApprovals)
        .where(eq(pluginApprovals.pluginId, pluginId))
        // Ids rise with time too: two of one millisecond, or of a clock that was set back, keep their order.
        .orderBy(desc(pluginApprovals.id))
        .limit(limit)
        .all()
        .map(read)
    );
  }

  /** Digests of all that are in force or told of: their content is to be kept. */
  async listDigests(db: Connection = this.#database.reader): Promise<string[]> {
    return db
      .selectDistinct({ digest: pluginApprovals.digest })
      .from(pluginApprovals)
      .all()
      .map(({ digest }) => digest);
  }

  /** The oldest of a plugin make room. */
  async insert(tx: Connection, { permissions, files, ...row }: Approval): Promise<void> {
    tx.insert(pluginApprovals)
      .values({
        ...row,
        permissions: JSON.stringify(permissions),
        files: JSON.stringify([...files].map(([path, hash]) => ({ path, ...hash }))),
      })
      .run();
    const surplus = tx
      .select({ id: pluginApprovals.id })
      .from(pluginApprovals)
      .where(eq(pluginApprovals.pluginId, row.pluginId))
      .orderBy(desc(pluginApprovals.id))
      .limit(KEPT_PER_PLUGIN)
      .offset(KEPT_PER_PLUGIN)
      .all();
    const ids = surplus.map(({ id }) => id);
    tx.delete(pluginApprovals).where(inArray(pluginApprovals.id, ids)).run();
  }

  async removeOf(tx: Connection, pluginId: string): Promise<void> {
    tx.delete(pluginApprovals).where(eq(pluginApprovals.pluginId, pluginId)).run();
  }
}

/** What approving this package means, to be stored. */
export const approvalOf = (
  { manifest, digest, hashes, permissions, signedBy }: PluginPackage,
  { id, by, at }: { id: string; by: string; at: number },
): Approval => ({
  id,
  pluginId: manifest.id,
  version: manifest.version,
  digest,
  permissions,
  files: hashes,
  signedBy: signedBy ?? null,
  approvedBy: by,
  approvedAt: at,
});

interface StoredFile extends FileHash {
  path: string;
}

const read = ({ permissions, files, ...row }: Row): Approval => ({
  ...row,
  permissions: JSON.parse(permissions) as PluginPermissions,
  files: new Map(
    (JSON.parse(files) as StoredFile[]).map(({ path, sha256, sizeBytes }) => [path, { sha256, sizeBytes }]),
  ),
});
