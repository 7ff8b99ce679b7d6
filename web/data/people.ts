import type { GrantedScope } from "../../schema/rules/scopes.ts";
import type { Api } from "./api.ts";
import type { CreatedToken, Page, Role, SessionRecord, Token, User } from "./types.ts";

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

  async roles(): Promise<Role[]> {
    const answer = await this.#api.get<Page<Role> | Role[]>("/api/v3/roles");
    return Array.isArray(answer) ? answer : answer.items;
  }

  sessions(): Promise<SessionRecord[]> {
    return this.#all("/api/v3/sessions");
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
