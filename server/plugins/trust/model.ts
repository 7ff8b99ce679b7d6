import { type Static, t } from "elysia";
import { PERMISSION_KINDS } from "../../../schema/rules/plugins.ts";
import { Count, closed, Digest, Moment, Nullable } from "../fields.ts";

const MAX_GRANTS = 200;

/** What somebody has to look at before a plugin may use what it asks for. */
export const ApprovalView = t.Object({
  id: t.String(),
  version: t.String(),
  digest: Digest,
  isNeeded: t.Boolean(),
  permissions: t.Array(
    t.Object({
      kind: t.UnionEnum(PERMISSION_KINDS),
      text: t.String(),
      why: t.String(),
      now: Nullable(
        t.Array(t.String()),
        "What a text with a placeholder gives with the configuration in force; null for others, and for those who may not see it",
      ),
      change: t.UnionEnum(["same", "added", "removed"], { description: "Against what is approved" }),
    }),
  ),
  files: t.Array(
    t.Object({
      path: t.String(),
      sha256: t.String(),
      sizeBytes: Count("Size"),
      change: t.UnionEnum(["same", "added", "changed", "removed"]),
    }),
  ),
  signedBy: Nullable(t.String(), "Id of the key that signed it"),
  approved: Nullable(
    t.Object({ version: t.String(), digest: t.String(), by: t.String(), at: Moment("When") }),
    "What is approved now",
  ),
});
export type ApprovalView = Static<typeof ApprovalView>;
export const ApprovalBody = t.Object(
  {
    digest: Digest,
    permissions: t.Array(t.UnionEnum(PERMISSION_KINDS), {
      maxItems: MAX_GRANTS,
      uniqueItems: true,
      description: "Every kind that it asks for: seen, and agreed to",
    }),
  },
  closed,
);
