import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../errors/app-error.ts";

/*
 * What an authority says (RFC 8555 §7.1), as far as it is read here. Addresses are only ever opened through `outbound`.
 */

const MAX_SHOWN = 300;
const CONTROL_CHARACTERS = /\p{Cc}+/gu;
const Address = Type.String({ maxLength: 2_048 });
const Problem = Type.Object({
  type: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  subproblems: Type.Optional(Type.Array(Type.Object({ detail: Type.Optional(Type.String()) }))),
});

export const Directory = Type.Object({ newNonce: Address, newAccount: Address, newOrder: Address });
export const Order = Type.Object({
  status: Type.String(),
  authorizations: Type.Array(Address, { maxItems: 200 }),
  finalize: Address,
  certificate: Type.Optional(Address),
  error: Type.Optional(Problem),
});
export const Authorization = Type.Object({
  status: Type.String(),
  identifier: Type.Object({ value: Type.String() }),
  challenges: Type.Array(
    Type.Object({
      type: Type.String(),
      url: Address,
      token: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_-]{1,256}$" })),
      error: Type.Optional(Problem),
    }),
    { maxItems: 20 },
  ),
});
export type Directory = Static<typeof Directory>;
export type Order = Static<typeof Order>;
export type Authorization = Static<typeof Authorization>;

/** @throws AppError `certificate_failed` when the authority says something else than the protocol has. */
export function read<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> {
  if (Value.Check(schema, value)) return value;
  throw new AppError("certificate_failed", "The certificate authority's answer cannot be read.");
}

/** The reason that a problem document (RFC 8555 §6.7) gives, on one line. */
export function reasonOf(problem: unknown): string {
  if (!Value.Check(Problem, problem)) return "no reason was given";
  const details = [problem.detail, ...(problem.subproblems ?? []).map(({ detail }) => detail)];
  const text = details.filter((detail) => detail !== undefined).join("; ") || (problem.type ?? "");
  return text.replace(CONTROL_CHARACTERS, " ").slice(0, MAX_SHOWN) || "no reason was given";
}

/** Whether the request may be sent again under the nonce that came with the refusal (RFC 8555 §6.5). */
export const isBadNonce = (problem: unknown): boolean =>
  Value.Check(Problem, problem) && problem.type === "urn:ietf:params:acme:error:badNonce";
