import { randomUUIDv7 } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A new UUIDv7: ids made later sort later, so that indexes grow at their end. */
export const newId = (): string => randomUUIDv7();

export const isId = (text: string): boolean => UUID.test(text);

/** Before every id: where a walk in the order of ids begins. */
export const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
