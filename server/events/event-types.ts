import type { TSchema } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import {
  EVENT_CATALOGUE,
  EVENT_TYPE_PATTERN,
  isEventName,
  MAX_EVENT_TYPE_LENGTH,
  RESERVED_WORDS,
} from "../../schema/events/index.ts";
import type { Connection, Database } from "../database/database.ts";
import { AppError, type InputIssue } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { compileSchema, type SchemaCheck } from "../lib/json-schema.ts";
import type { EventTypeRow, EventTypeStore } from "./event-type-store.ts";

/** A type of event that is known here. */
export interface EventType {
  name: string;
  description: string;
  /** JSON Schema of the payload. */
  schema: Readonly<Record<string, unknown>>;
  /** Whether Binnacle itself publishes it, or an application. */
  origin: "binnacle" | "registered";
}

/** A type that an application registers. */
export interface NewEventType {
  name: string;
  description: string;
  schema: Record<string, unknown>;
}

const MAX_REGISTERED = 500;
const MAX_ISSUES = 20;
const SHAPE = new RegExp(EVENT_TYPE_PATTERN);

interface Registered extends EventType {
  row: EventTypeRow;
  check: SchemaCheck;
}

/** The catalogue of event types: Binnacle's own, and those that applications registered with a JSON Schema. */
export class EventTypes {
  readonly #database: Database;
  readonly #store: EventTypeStore;
  readonly #clock: Clock;
  readonly #own = new Map<string, TypeCheck<TSchema>>();
  #registered = new Map<string, Registered>();

  constructor(database: Database, store: EventTypeStore, clock: Clock) {
    this.#database = database;
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads what is registered; before the first event. */
  async open(): Promise<void> {
    this.#registered = new Map();
    for (const row of await this.#store.listAll()) this.#registered.set(row.name, readRow(row));
  }

  /** By name; Binnacle's own and registered ones together. */
  list(): EventType[] {
    const own = Object.entries(EVENT_CATALOGUE).map(([name, { description, payload }]): EventType => {
      return { name, description, schema: payload, origin: "binnacle" };
    });
    return [...own, ...[...this.#registered.values()].map(publicOf)].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }

  /** @throws AppError `event_type_not_found` */
  get(name: string): EventType {
    const type = this.list().find((known) => known.name === name);
    if (!type) throw notFound(name);
    return type;
  }

  /**
   * Registers a type, or replaces its description and schema. Events published before stay as they are.
   * @param also done in the same unit of work: the audit line of whoever asks.
   * @throws AppError `validation_failed`, `name_taken` for a name that is Binnacle's own
   */
  async register(input: NewEventType, also: (tx: Connection) => Promise<void>): Promise<EventType> {
    refuseForeignName(input.name, "name");
    const compiled = compileSchema(input.schema);
    if ("refused" in compiled) throw invalid("schema", compiled.refused);
    const known = this.#registered.get(input.name);
    if (!known && this.#registered.size >= MAX_REGISTERED) {
      throw invalid("name", `${MAX_REGISTERED} event types are registered already; remove one first.`);
    }
    const now = this.#clock.now();
    const row = { ...input, createdAt: known?.row.createdAt ?? now, updatedAt: now };
    await this.#database.write(async (tx) => {
      await this.#store.put(tx, row);
      await also(tx);
      this.#database.afterCommit(() => this.#registered.set(row.name, readRow(row)));
    });
    return publicOf(readRow(row));
  }

  /** Forgets a registered type; its events are free in form afterwards. @throws AppError `event_type_not_found` */
  async remove(name: string, also: (tx: Connection) => Promise<void>): Promise<void> {
    if (!this.#registered.has(name)) throw notFound(name);
    await this.#database.write(async (tx) => {
      await this.#store.remove(tx, name);
      await also(tx);
      this.#database.afterCommit(() => this.#registered.delete(name));
    });
  }

  /** What is wrong with a payload of Binnacle's own. */
  ownIssues(type: string, payload: unknown): InputIssue[] {
    if (!isEventName(type)) return [{ path: "type", message: `"${type}" is not in the catalogue of events` }];
    let check = this.#own.get(type);
    if (!check) {
      check = TypeCompiler.Compile<TSchema>(EVENT_CATALOGUE[type].payload);
      this.#own.set(type, check);
    }
    if (check.Check(payload)) return [];
    return [...check.Errors(payload)].slice(0, MAX_ISSUES).map(({ path, message }) => {
      return { path: path.split("/").filter(Boolean).join("."), message };
    });
  }

  /** Whether an application registered this type. */
  isRegistered(name: string): boolean {
    return this.#registered.has(name);
  }

  /** What is wrong with a payload of an application; a type that is not registered is free in form. */
  foreignIssues(type: string, payload: unknown): InputIssue[] {
    return this.#registered.get(type)?.check(payload) ?? [];
  }
}

/** @throws AppError `validation_failed` for a malformed name, `name_taken` for one that is Binnacle's own */
export function refuseForeignName(name: string, path: string): void {
  if (name.length > MAX_EVENT_TYPE_LENGTH || !SHAPE.test(name)) {
    throw invalid(
      path,
      `"${name.slice(0, MAX_EVENT_TYPE_LENGTH)}" is not a type of event: lower-case words, joined by dots.`,
    );
  }
  const [word = ""] = name.split(".");
  if (name.includes(".") && RESERVED_WORDS.has(word)) {
    const issue = { path, message: `names that begin with "${word}." are Binnacle's own` };
    throw new AppError("name_taken", `${path}: ${issue.message}.`, { issues: [issue] });
  }
}

function readRow(row: EventTypeRow): Registered {
  const { name, description, schema } = row;
  const compiled = compileSchema(schema);
  // It was compiled before it was stored; a later version that refuses it must not let wrong payloads pass unseen.
  const check: SchemaCheck =
    "check" in compiled
      ? compiled.check
      : () => [{ path: "", message: `cannot be checked: ${compiled.refused}` }];
  return { name, description, schema, origin: "registered", row, check };
}

const publicOf = ({ name, description, schema, origin }: EventType): EventType => ({
  name,
  description,
  schema,
  origin,
});

const notFound = (name: string): AppError =>
  new AppError("event_type_not_found", `There is no event type ${name.slice(0, MAX_EVENT_TYPE_LENGTH)}.`);

const invalid = (path: string, message: string): AppError =>
  new AppError("validation_failed", `${path}: ${message}`, { issues: [{ path, message }] });
