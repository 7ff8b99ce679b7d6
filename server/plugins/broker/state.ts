import { Type } from "@sinclair/typebox";
import type { Connection } from "../../database/database.ts";
import type { GroupCommit } from "../../database/group-commit.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Rate, RateBucket } from "./rate.ts";
import { method, type ServedMethod } from "./served-method.ts";
import type { PluginStateStore, StateExtent } from "./state-store.ts";

const MAX_KEY_LENGTH = 256;
const MAX_VALUE_BYTES = 256 * 1_024;
const MAX_SIZE_BYTES = 16 * 1_024 * 1_024;
const MAX_KEYS = 10_000;
const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 100;
/** Each change is work of the one writer that everybody shares. */
const CHANGES: Rate = { perSecond: 100, burst: 1_000 };

interface StateParts {
  commits: GroupCommit;
  store: PluginStateStore;
  clock: Clock;
}

/** The key–value state of all plugins, within limits for each. */
export class PluginState {
  readonly #parts: StateParts;
  /** Summing up is too slow for each change; forgotten whenever a change fails. */
  readonly #extents = new Map<string, StateExtent>();

  constructor(parts: StateParts) {
    this.#parts = parts;
  }

  /** The value of a key; undefined when there is none. */
  async find(pluginId: string, key: string): Promise<unknown> {
    const text = await this.#parts.store.find(pluginId, key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** @throws AppError `validation_failed` over a limit */
  async set(pluginId: string, key: string, value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > MAX_VALUE_BYTES) {
      throw over(
        "value",
        `has ${sizeBytes} bytes as JSON; at most ${MAX_VALUE_BYTES} are kept under one key`,
      );
    }
    const row = { pluginId, key, value: text, sizeBytes: sizeBytes + Buffer.byteLength(key) };
    const { store, clock } = this.#parts;
    await this.#change(pluginId, async (tx, extent) => {
      const before = await store.sizeOf(tx, pluginId, key);
      const keys = extent.keys + (before === 0 ? 1 : 0);
      const total = extent.sizeBytes - before + row.sizeBytes;
      if (keys > MAX_KEYS) throw over("key", `is one too many: a plugin keeps at most ${MAX_KEYS} keys`);
      if (total > MAX_SIZE_BYTES) {
        throw over("value", `would make it ${total} bytes; a plugin's state has at most ${MAX_SIZE_BYTES}`);
      }
      await store.put(tx, { ...row, changedAt: clock.now() });
      return { keys, sizeBytes: total };
    });
  }

  /** Whether there was such a key. */
  async delete(pluginId: string, key: string): Promise<boolean> {
    const { store } = this.#parts;
    let wasThere = false;
    await this.#change(pluginId, async (tx, { keys, sizeBytes }) => {
      const before = await store.sizeOf(tx, pluginId, key);
      wasThere = before > 0;
      if (!wasThere) return { keys, sizeBytes };
      await store.remove(tx, pluginId, key);
      return { keys: keys - 1, sizeBytes: sizeBytes - before };
    });
    return wasThere;
  }

  async list(pluginId: string, prefix: string, after: string, limit: number): Promise<string[]> {
    return this.#parts.store.listKeys(pluginId, prefix, after, limit);
  }

  /** Forgets everything of a plugin, within the unit of work that removes it for good. */
  async removeAll(tx: Connection, pluginId: string): Promise<void> {
    this.#extents.delete(pluginId);
    await this.#parts.store.removeAll(tx, pluginId);
  }

  async #change(
    pluginId: string,
    change: (tx: Connection, extent: StateExtent) => Promise<StateExtent>,
  ): Promise<void> {
    const { store, commits } = this.#parts;
    try {
      await commits.write(async (tx) => {
        const extent = this.#extents.get(pluginId) ?? (await store.extentOf(tx, pluginId));
        this.#extents.set(pluginId, await change(tx, extent));
      });
    } catch (error) {
      this.#extents.delete(pluginId);
      throw error;
    }
  }
}

const Key = Type.String({ minLength: 1, maxLength: MAX_KEY_LENGTH });
const closed = { additionalProperties: false };
const WithKey = Type.Object({ key: Key }, closed);
const SetParams = Type.Object({ key: Key, value: Type.Unknown() }, closed);
const ListParams = Type.Object(
  {
    prefix: Type.Optional(Type.String({ maxLength: MAX_KEY_LENGTH })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE })),
    after: Type.Optional(Type.String({ maxLength: MAX_KEY_LENGTH })),
  },
  closed,
);

type StateMethod = "state.get" | "state.set" | "state.delete" | "state.list";

/** `ctx.state` of one plugin: every plugin has it, and only its own. */
export function stateMethods(
  state: PluginState,
  pluginId: string,
  clock: Clock,
): Record<StateMethod, ServedMethod> {
  const changes = new RateBucket(CHANGES, clock);
  return {
    "state.get": method(WithKey, async ({ key }) => (await state.find(pluginId, wellFormed(key))) ?? null),
    "state.set": method(SetParams, async ({ key, value }) => {
      changes.require("change its state");
      await state.set(pluginId, wellFormed(key), value ?? null);
      return null;
    }),
    "state.delete": method(WithKey, async ({ key }) => {
      changes.require("change its state");
      return state.delete(pluginId, wellFormed(key));
    }),
    "state.list": method(ListParams, ({ prefix = "", limit = DEFAULT_PAGE, after = "" }) =>
      state.list(pluginId, wellFormed(prefix), wellFormed(after), limit),
    ),
  };
}

/** Half a character would be stored as another one, and two keys would be one. */
function wellFormed(key: string): string {
  if (key.isWellFormed()) return key;
  throw over("key", "is not whole Unicode text");
}

const over = (path: string, message: string): AppError =>
  new AppError("validation_failed", `The ${path} ${message}.`, { issues: [{ path, message }] });
