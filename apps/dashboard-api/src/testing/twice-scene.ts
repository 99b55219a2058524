import { newId } from '@libs/kernel';

import type { DisbursementWorld } from './disbursement-world';
import type { Reply } from './test-server';

/** A request that can be sent again and again. */
export type Shot = () => Promise<Reply>;

/** Something of its own that a request is about, so that no scene meets another. */
export interface Scene {
  readonly one: Shot;
  /** The same route on the same thing with another body; left out where the route takes none. */
  readonly other?: Shot;
  /** What the route may change, without ids and times: equal for equal effects in different scenes. */
  readonly state: () => Promise<unknown>;
}

export interface TwiceCase {
  readonly given: (world: DisbursementWorld) => Promise<Scene>;
  /** Set where each request is meant to have an effect of its own, with the reason; `state` is then a list. */
  readonly each?: string;
}

export type TwiceCases = Readonly<Record<string, TwiceCase>>;

/** Requests of somebody to one route. */
export const shotsOf =
  (world: DisbursementWorld, method: string, path: string, token: string) =>
  (json?: unknown, headers: Readonly<Record<string, string>> = {}): Shot =>
  () =>
    world.server.call(method, path, { token, headers, ...(json === undefined ? {} : { json }) });

/** The rows of a query with the tenant as its first value. */
export const rowsOf =
  (world: DisbursementWorld, sql: string, ...values: readonly unknown[]) =>
  (): Promise<Record<string, unknown>[]> =>
    world.server.sql(sql, [world.tenant.id, ...values]);

/** How many letters and events were written since this was called. */
export function sentSince(world: DisbursementWorld): () => Promise<{ letters: number; events: number }> {
  const start = newId();
  const events = async (): Promise<number> => (await world.events()).length;
  const eventsBefore = events();
  return async () => {
    const letters = await world.server.sql('SELECT FROM messages.messages WHERE tenant_id = $1 AND id > $2', [
      world.tenant.id,
      start,
    ]);
    return { letters: letters.length, events: (await events()) - (await eventsBefore) };
  };
}
