const MAX_REDIRECTS = 15;

/** A browser as far as redirects and cookies go: it keeps the cookies of each origin, and reports where it lands. */
export class CookieBrowser {
  /** Origin → name → value and path. */
  readonly #jars = new Map<string, Map<string, { value: string; path: string }>>();

  /** One request without following anything. */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin, pathname } = new URL(url);
    const headers = new Headers(init.headers);
    const cookies = [...(this.#jars.get(origin) ?? [])].filter(([, { path }]) => pathname.startsWith(path));
    if (cookies.length > 0)
      headers.set("cookie", cookies.map(([name, { value }]) => `${name}=${value}`).join("; "));
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) this.#keep(origin, cookie);
    return response;
  }

  /** Follows redirects until `isThere` holds for an address, which is not visited, or there are no more. */
  async follow(url: string, isThere: (url: URL) => boolean = () => false): Promise<URL> {
    let current = new URL(url);
    for (let hop = 0; hop < MAX_REDIRECTS; hop++) {
      if (isThere(current)) return current;
      const response = await this.send(current.href);
      await response.body?.cancel();
      const location = response.headers.get("location");
      if (location === null) return current;
      current = new URL(location, current);
    }
    throw new Error(`More than ${MAX_REDIRECTS} redirects, at last to ${current.href}`);
  }

  cookie(origin: string, name: string): string | undefined {
    return this.#jars.get(origin)?.get(name)?.value;
  }

  setCookie(origin: string, name: string, value: string): void {
    const jar = this.#jars.get(origin) ?? new Map();
    this.#jars.set(origin, jar.set(name, { value, path: "/" }));
  }

  #keep(origin: string, text: string): void {
    const [pair = "", ...attributes] = text.split(/;\s*/);
    const [name = "", value = ""] = pair.split("=", 2);
    const jar = this.#jars.get(origin) ?? new Map();
    this.#jars.set(origin, jar);
    const path = attributes.find((one) => one.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
    if (attributes.some((one) => /^max-age=0$/i.test(one))) jar.delete(name);
    else jar.set(name, { value, path });
  }
}
