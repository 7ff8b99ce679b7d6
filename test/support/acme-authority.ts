import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { generate } from "selfsigned";

/** How an authority behaves that is not well. */
export interface Misbehaviour {
  /** Refuses the first request under each nonce once. */
  badNonce?: boolean | undefined;
  /** Answers every new order with this status and a reason. */
  refuseOrders?: { status: number; retryAfter?: string } | undefined;
  /** Gives a certificate for these names in place of the ones asked for. */
  certifyInstead?: string[] | undefined;
  /** Answers with something that is no ACME. */
  nonsense?: boolean | undefined;
}

interface Protected {
  alg: string;
  nonce: string;
  url: string;
  jwk?: JsonWebKey;
  kid?: string;
}

interface OrderState {
  domains: string[];
  status: string;
  certificate?: string;
}

interface ProofState {
  domain: string;
  token: string;
  status: string;
  failure?: string;
}

const ALTERNATIVE_NAMES = "2.5.29.17";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1_000;
const LIFETIME_DAYS = 90;

/**
 * A certificate authority that speaks RFC 8555: it checks nonces, signatures and addresses, looks for the proof over
 * HTTP where `challengePort` answers, reads the request and signs a certificate.
 */
export async function startAuthority(challengePort: number, now: () => number = Date.now) {
  const shown = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2_048,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const caKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Test root",
    keys: caKeys,
    notBefore: new Date(now() - DAY_MS),
    notAfter: new Date(now() + 3_650 * DAY_MS),
    extensions: [new x509.BasicConstraintsExtension(true)],
  });
  const nonces = new Set<string>();
  const accounts = new Map<string, { jwk: JsonWebKey; contact: string[] }>();
  const orders = new Map<string, OrderState>();
  const proofs = new Map<string, ProofState>();
  const misbehaviour: Misbehaviour = {};
  const stumbled = new Set<string>();
  const seen: string[] = [];

  const nonce = (): string => {
    const fresh = crypto.randomUUID();
    nonces.add(fresh);
    return fresh;
  };
  const reply = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers: { "replay-nonce": nonce(), "content-type": "application/json", ...headers },
    });
  const problem = (type: string, detail: string, status = 400, headers: Record<string, string> = {}) =>
    reply({ type: `urn:ietf:params:acme:error:${type}`, detail }, status, headers);

  const orderView = (id: string, { status, domains, certificate }: OrderState, base: string) => ({
    status,
    identifiers: domains.map((value) => ({ type: "dns", value })),
    authorizations: domains.map((domain) => `${base}/authz/${id}.${domain}`),
    finalize: `${base}/finalize/${id}`,
    ...(certificate === undefined ? {} : { certificate: `${base}/cert/${id}` }),
  });

  async function look(key: string, proof: ProofState, thumbprint: string): Promise<void> {
    const url = `http://127.0.0.1:${challengePort}/.well-known/acme-challenge/${proof.token}`;
    const answer = await fetch(url, { headers: { host: proof.domain } }).catch(() => undefined);
    const text = await answer?.text();
    const isRight = answer?.status === 200 && text === `${proof.token}.${thumbprint}`;
    proofs.set(key, {
      ...proof,
      ...(isRight ? { status: "valid" } : { status: "invalid", failure: `The answer was ${answer?.status}` }),
    });
  }

  async function certify(order: OrderState, csr: string): Promise<void> {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, "base64url"));
    if (!(await request.verify())) throw new Error("The request is not signed by its own key");
    const names = alternativeNames(request);
    const asked = names.map(({ value }) => value).sort();
    if (asked.join() !== [...order.domains].sort().join()) throw new Error(`The request is for ${asked}`);
    const given = misbehaviour.certifyInstead ?? order.domains;
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${given[0]}`,
      issuer: root.subject,
      publicKey: await request.publicKey.export(),
      signingKey: caKeys.privateKey,
      notBefore: new Date(now() - DAY_MS),
      notAfter: new Date(now() + LIFETIME_DAYS * DAY_MS),
      extensions: [
        new x509.SubjectAlternativeNameExtension(given.map((value) => ({ type: "dns" as const, value }))),
      ],
    });
    order.certificate = `${certificate.toString("pem")}\n${root.toString("pem")}\n`;
    order.status = "valid";
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    seen.push(`${request.method} ${pathname}`);
    if (misbehaviour.nonsense) return reply({ hello: "world" });
    if (pathname === "/directory") {
      return reply({
        newNonce: `${origin}/nonce`,
        newAccount: `${origin}/account`,
        newOrder: `${origin}/order`,
      });
    }
    if (pathname === "/nonce") return reply("");
    const signed = (await request.json()) as { protected: string; payload: string; signature: string };
    const header = JSON.parse(Buffer.from(signed.protected, "base64url").toString()) as Protected;
    if (misbehaviour.badNonce && !stumbled.has(pathname)) {
      stumbled.add(pathname);
      return problem("badNonce", "Another nonce, please");
    }
    if (!nonces.delete(header.nonce)) return problem("badNonce", "That nonce is not known");
    const jwk = header.kid === undefined ? header.jwk : accounts.get(header.kid)?.jwk;
    if (!jwk || header.url !== request.url || header.alg !== "ES256")
      return problem("malformed", "Bad header");
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const isSigned = verify(
      "sha256",
      Buffer.from(`${signed.protected}.${signed.payload}`),
      { key, dsaEncoding: "ieee-p1363" },
      Buffer.from(signed.signature, "base64url"),
    );
    if (!isSigned) return problem("unauthorized", "The signature does not hold", 401);
    const payload =
      signed.payload === "" ? undefined : JSON.parse(Buffer.from(signed.payload, "base64url").toString());
    const { crv, kty, x, y } = jwk;
    const thumbprint = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
    if (pathname === "/account") {
      if (payload?.termsOfServiceAgreed !== true) return problem("userActionRequired", "Agree first", 403);
      const id = `${origin}/account/${thumbprint}`;
      accounts.set(id, { jwk, contact: payload.contact ?? [] });
      return reply({ status: "valid" }, 201, { location: id });
    }
    if (header.kid === undefined) return problem("malformed", "Sign in the name of an account");
    const [, verb = "", id = ""] = pathname.split("/");
    if (verb === "order" && id === "") {
      const { refuseOrders } = misbehaviour;
      if (refuseOrders) {
        const headers = refuseOrders.retryAfter ? { "retry-after": refuseOrders.retryAfter } : {};
        return problem("rateLimited", "Too many certificates already", refuseOrders.status, headers);
      }
      const fresh = crypto.randomUUID();
      const order: OrderState = {
        domains: payload.identifiers.map(({ value }: { value: string }) => value),
        status: "pending",
      };
      orders.set(fresh, order);
      for (const domain of order.domains) {
        const token = crypto.randomUUID().replaceAll("-", "");
        proofs.set(`${fresh}.${domain}`, { domain, token, status: "pending" });
      }
      return reply(orderView(fresh, order, origin), 201, { location: `${origin}/order/${fresh}` });
    }
    const proof = proofs.get(id);
    if ((verb === "authz" || verb === "challenge") && proof) {
      if (verb === "challenge") await look(id, proof, thumbprint);
      const { status, token, domain, failure } = proofs.get(id) ?? proof;
      const error = failure === undefined ? {} : { error: { type: "unauthorized", detail: failure } };
      const url = `${origin}/challenge/${id}`;
      return reply({
        status,
        identifier: { type: "dns", value: domain },
        challenges: [
          { type: "dns-01", url: `${origin}/none`, token: "elsewhere" },
          { type: "http-01", url, token, ...error },
        ],
      });
    }
    const order = orders.get(id);
    if (!order) return problem("malformed", "There is nothing there", 404);
    if (verb === "finalize") {
      const isProven = order.domains.every((domain) => proofs.get(`${id}.${domain}`)?.status === "valid");
      if (!isProven) return problem("orderNotReady", "Prove the names first", 403);
      await certify(order, payload.csr);
    }
    if (verb === "cert" && order.certificate !== undefined) return reply(order.certificate);
    return reply(orderView(id, order, origin));
  }

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: shown.cert, key: shown.private },
    fetch: (request) =>
      answer(request).catch((error: unknown) => problem("serverInternal", String(error), 500)),
  });
  return {
    directoryUrl: `https://localhost:${server.port}/directory`,
    /** PEM of who vouches for its own address. */
    ca: shown.cert,
    root: root.toString("pem"),
    accounts,
    misbehaviour,
    /** Method and path of each request. */
    seen,
    stop: () => server.stop(true),
  };
}

function alternativeNames(request: x509.Pkcs10CertificateRequest) {
  const extension = request.getExtension(ALTERNATIVE_NAMES);
  return extension ? new x509.SubjectAlternativeNameExtension(extension.rawData).names.toJSON() : [];
}

export type TestAuthority = Awaited<ReturnType<typeof startAuthority>>;
