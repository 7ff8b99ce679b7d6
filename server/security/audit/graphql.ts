import { type GraphBuilder, type GraphFeature, pageOf, WORK } from "../../http/graphql-types.ts";
import { acceptedInput } from "../accepted-input.ts";
import { Paging } from "../model.ts";
import * as model from "./model.ts";
import type { AuditVerbs } from "./rest.ts";
import { auditView, chainView, readFilter } from "./views.ts";

/** The audit log as a graph: the verbs and limits of the REST routes. */
export const auditGraph =
  ({ auditLog, retentionDays }: AuditVerbs): GraphFeature =>
  (builder) => {
    const { page, chain, outcome } = auditTypes(builder);
    const readChain = async () => chainView(await auditLog.state(), retentionDays());
    builder.queryFields((t) => ({
      auditLog: t.field({
        type: page,
        access: "audit:read",
        cost: WORK.search,
        args: {
          actor: t.arg.string({ required: false }),
          action: t.arg.string({ required: false }),
          target: t.arg.string({ required: false }),
          outcome: t.arg({ type: outcome, required: false }),
          from: t.arg({ type: "DateTime", required: false }),
          to: t.arg({ type: "DateTime", required: false }),
          text: t.arg.string({ required: false }),
          limit: t.arg.int({ required: false }),
          cursor: t.arg.string({ required: false }),
        },
        resolve: async (_root, { limit, cursor, from, to, ...words }) => {
          const given = { ...words, from: from?.toISOString(), to: to?.toISOString() };
          const filter = readFilter(acceptedInput(model.Filter, given));
          const found = await auditLog.list(filter, acceptedInput(Paging, { limit, cursor }));
          return { items: found.items.map(auditView), nextCursor: found.nextCursor };
        },
      }),
      auditChain: t.field({ type: chain, access: "audit:read", resolve: readChain }),
    }));
    builder.mutationFields((t) => ({
      verifyAuditLog: t.field({
        type: chain,
        access: "audit:write",
        cost: WORK.scan,
        resolve: async () => {
          await auditLog.verify();
          return readChain();
        },
      }),
    }));
  };

function auditTypes(builder: GraphBuilder) {
  const outcome = builder.enumType("AuditOutcome", { values: ["ok", "denied"] as const });
  const entry = builder.objectRef<model.AuditView>("AuditEntry").implement({
    description: "Who did what, when, from where, and how it went",
    fields: (t) => ({
      seq: t.expose("seq", { type: "Long" }),
      at: t.expose("at", { type: "DateTime" }),
      actor: t.exposeString("actor"),
      action: t.exposeString("action"),
      target: t.exposeString("target"),
      outcome: t.expose("outcome", { type: outcome }),
      count: t.exposeInt("count", { description: "Refusals and uses are gathered by the minute" }),
      correlationId: t.exposeString("correlationId"),
      address: t.exposeString("address"),
      detail: t.expose("detail", { type: "JSON" }),
      mac: t.exposeString("mac"),
    }),
  });
  const damage = builder.objectRef<NonNullable<model.ChainView["damage"]>>("AuditDamage").implement({
    fields: (t) => ({ seq: t.expose("seq", { type: "Long" }), reason: t.exposeString("reason") }),
  });
  const chain = builder.objectRef<model.ChainView>("AuditChain").implement({
    description: "Where the chain of the audit log stands",
    fields: (t) => ({
      state: t.exposeString("state", { description: "intact, broken or unverified" }),
      rows: t.expose("rows", { type: "Long" }),
      firstSeq: t.expose("firstSeq", { type: "Long", nullable: true }),
      lastSeq: t.expose("lastSeq", { type: "Long", nullable: true }),
      lastMac: t.exposeString("lastMac", { nullable: true }),
      removedThrough: t.expose("removedThrough", { type: "Long", nullable: true }),
      retentionDays: t.exposeInt("retentionDays"),
      verifiedAt: t.expose("verifiedAt", { type: "DateTime", nullable: true }),
      verifiedRows: t.expose("verifiedRows", { type: "Long" }),
      damage: t.field({ type: damage, nullable: true, resolve: (view) => view.damage }),
    }),
  });
  return { outcome, chain, page: pageOf(builder, "AuditEntry", entry) };
}
