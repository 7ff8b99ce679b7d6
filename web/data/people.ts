import type { GrantedScope } from "../../schema/rules/scopes.ts";
import type { Api } from "./api.ts";
import type { CreatedToken, Identity, Page, ResetLink, Role, SessionRecord, Token, User } from "./types.ts";

const PAGE_LIMIT = 200;
const PAGES = 50;

/** Users, their sessions and API tokens. Every method throws ApiProblem when the server refuses. */
export class People {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  users(): Promise<User[]> {
    return this.#all("/api/v3/users");
  }

  addUser(user: { name: string; role: string; password: string }): Promise<User> {
    return this.#api.post("/api/v3/users", user);
  }

  changeUser(id: string, change: { role?: string; disabled?: boolean; name?: string }): Promise<User> {
    return this.#api.patch(`/api/v3/users/${encodeURIComponent(id)}`, change);
  }

  removeUser(id: string): Promise<void> {
    return this.#api.delete(`/api/v3/users/${encodeURIComponent(id)}`);
  }

  /** Own password: `currentPassword` is needed. Another's: an administrator sets it without. */
  setPassword(id: string, passwords: { currentPassword?: string; newPassword: string }): Promise<void> {
    return this.#api.put(`/api/v3/users/${encodeURIComponent(id)}/password`, passwords);
  }

  /** Makes a one-time link by which a user sets a new password. */
  createResetLink(userId: string): Promise<ResetLink> {
    return this.#api.post(`/api/v3/users/${encodeURIComponent(userId)}/reset-links`, undefined);
  }

  /** Those that ship, then the others by name. */
  async roles(): Promise<Role[]> {
    return (await this.#api.get<Page<Role>>("/api/v3/roles")).items;
  }

  addRole(role: Omit<Role, "builtIn">): Promise<Role> {
    return this.#api.post("/api/v3/roles", role);
  }

  changeRole(name: string, change: Partial<Pick<Role, "description" | "scopes">>): Promise<Role> {
    return this.#api.patch(`/api/v3/roles/${encodeURIComponent(name)}`, change);
  }

  removeRole(name: string): Promise<void> {
    return this.#api.delete(`/api/v3/roles/${encodeURIComponent(name)}`);
  }

  /** One's own linked accounts. */
  async identities(): Promise<Identity[]> {
    return (await this.#api.get<Page<Identity>>("/api/v3/identities")).items;
  }

  removeIdentity(id: string): Promise<void> {
    return this.#api.delete(`/api/v3/identities/${encodeURIComponent(id)}`);
  }

  /** Begins to link an account; gives where the browser goes to sign in there. */
  async beginLink(provider: string): Promise<string> {
    const path = `/api/v3/sign-in/${encodeURIComponent(provider)}/links`;
    return (await this.#api.post<{ url: string }>(path, undefined)).url;
  }

  sessions(): Promise<SessionRecord[]> {
    return this.#all("/api/v3/sessions");
  }

  /** Ends one's own sessions but this one; how many they were. */
  async endOtherSessions(): Promise<number> {
    return (await this.#api.request<{ ended: number }>("DELETE", "/api/v3/sessions")).ended;
  }

  revokeSession(id: string): Promise<void> {
    return this.#api.delete(`/api/v3/sessions/${encodeURIComponent(id)}`);
  }

  tokens(): Promise<Token[]> {
    return this.#all("/api/v3/tokens");
  }

  createToken(token: {
    name: string;
    scopes: GrantedScope[];
    expiresInDays: number | null;
  }): Promise<CreatedToken> {
    return this.#api.post("/api/v3/tokens", token);
  }

  revokeToken(id: string): Promise<void> {
    return this.#api.delete(`/api/v3/tokens/${encodeURIComponent(id)}`);
  }

  async #all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const answer: Page<Item> = await this.#api.get(path, { query: { limit: PAGE_LIMIT, cursor } });
      items.push(...answer.items);
      if (answer.nextCursor === null) break;
      cursor = answer.nextCursor;
    }
    return items;
  }
}
