import { Type } from "@sinclair/typebox";

export const CacheStatisticsView = Type.Object({
  entries: Type.Integer(),
  sizeBytes: Type.Integer(),
  hits: Type.Integer({ description: "Since the start" }),
  misses: Type.Integer(),
  shared: Type.Integer({ description: "Asked while the same answer was being made: served by that" }),
  invalidations: Type.Integer(),
});
