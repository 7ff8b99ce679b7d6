import { matchesEtag } from "./answer.ts";
import type { Asset, AssetEncoding } from "./assets.ts";
import { chooseEncoding, ENCODINGS } from "./encoding.ts";
import type { Exchange } from "./exchange.ts";

const NOT_MODIFIED = 304;
/** Vite puts a hash of the content into these names, so that a name never means another content. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;
const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATED = "no-cache";
const INDEX = "/index.html";
/** The dashboard's own addresses: words, no dots, no encoding. Everything else that is unknown is not found. */
const PAGE_PATH = /^\/[a-z0-9-]*(?:\/[a-z0-9_-]+)*\/?$/i;
const API_PATH = /^\/(?:api|graphql|viewers|assets)(?:\/|$)/;

/**
 * The files of the web bundle. A path is looked up in a table, never on a disk, so that no path can leave the bundle.
 */
export class StaticFiles {
  readonly #assets: ReadonlyMap<string, Asset>;
  readonly #hasDashboard: boolean;

  constructor(assets: ReadonlyMap<string, Asset>, hasDashboard: boolean) {
    this.#assets = assets;
    this.#hasDashboard = hasDashboard;
  }

  /** The file at the path, if there is one; the dashboard's page for `/`. */
  find(path: string): Asset | undefined {
    if (path.startsWith("/viewers/")) return this.#assets.get(path);
    if (!this.#hasDashboard) return undefined;
    return this.#assets.get(path === "/" ? INDEX : path);
  }

  /** The dashboard's page for an address that only the dashboard knows, when a browser asks for a page. */
  findPage({ path, request }: Exchange): Asset | undefined {
    if (!this.#hasDashboard || API_PATH.test(path) || !PAGE_PATH.test(path)) return undefined;
    if (!request.headers.get("accept")?.includes("text/html")) return undefined;
    return this.#assets.get(INDEX);
  }

  /** Sends a file in the encoding the client likes best, or 304 when it has it. */
  send(asset: Asset, { request, path }: Exchange): Response {
    const available = ENCODINGS.filter((encoding) => asset.variants[encoding] !== undefined);
    const accepted = request.headers.get("accept-encoding");
    const encoding: AssetEncoding = (accepted && chooseEncoding(accepted, available)) || "identity";
    const headers: Record<string, string> = {
      "content-type": asset.type,
      "cache-control": HASHED.test(path) ? IMMUTABLE : REVALIDATED,
      // Weak: the compressed forms are not the same bytes.
      etag: `W/${asset.etag}`,
      vary: "accept-encoding",
      "cross-origin-resource-policy": "same-origin",
    };
    if (matchesEtag(request.headers.get("if-none-match"), asset.etag)) {
      return new Response(null, { status: NOT_MODIFIED, headers });
    }
    if (encoding !== "identity") headers["content-encoding"] = encoding;
    const file = Bun.file(asset.variants[encoding] ?? asset.variants.identity);
    return new Response(request.method === "HEAD" ? null : file, { headers });
  }
}
