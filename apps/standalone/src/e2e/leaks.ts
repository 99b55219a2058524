import fs from 'node:fs';

import { findPostgres } from '@libs/embedded-postgres';

import type { Person } from '../people/person';
import type { DataFolder } from '../system/data-folder';
import type { SystemKeys } from '../system/system-keys';
import { textsBelow } from './program';

export interface Confidential {
  readonly data: DataFolder;
  readonly people: readonly Person[];
  /** The one-time codes that were sent; six digits each. */
  readonly codes: readonly string[];
  /** What the program itself wrote to the terminal. */
  readonly printed?: string;
}

/** Where a secret or a person's data stands in something that a process wrote, each as `what in which file`. */
export function leaks({ data, people, codes, printed = '' }: Confidential): string[] {
  const { staffPassword, operatorPassword, ...hidden } = secretsOf(data.keys);
  const personal = people.flatMap(({ name, phone, dateOfBirth }) => [name, phone.slice(1), dateOfBirth]);
  const words = [...Object.values(hidden), ...personal];
  // The credentials of the demo are for the terminal, and for nowhere else.
  const forTheTerminal = [staffPassword, operatorPassword];
  const postgresLog = findPostgres(data.postgres)?.log;
  const texts = [
    ...textsBelow(data.logs),
    ...(postgresLog === undefined ? [] : [{ file: postgresLog, text: fs.readFileSync(postgresLog, 'utf8') }]),
  ];
  return [
    ...texts.flatMap(({ file, text }) => found(text, file, { words: [...words, ...forTheTerminal], codes })),
    ...found(printed, 'the terminal', { words, codes }),
  ];
}

function found(
  text: string,
  where: string,
  { words, codes }: { readonly words: readonly string[]; readonly codes: readonly string[] },
): string[] {
  const numbers = new Set(text.replace(NO_CODES, '').match(/\b\d{6}\b/g));
  const told = [
    ...words.filter((word) => text.includes(word)),
    ...codes.filter((code) => numbers.has(code)),
    ...(text.match(SEEDS_AND_TOKENS) ?? []),
  ];
  return told.map((word) => `${word} in ${where}`);
}

/** What may have six digits too: numbers of processes, and what PostgreSQL tells of its checkpoints. */
const NO_CODES =
  /"pid":\d+|\(node:\d+\)| UTC \[\d+\]|\(PID \d+\)|(?:distance|estimate)=\d+ kB|lsn=[\dA-F]+\/[\dA-F]+/g;

/** Of any account, and of anybody who signed in. */
const SEEDS_AND_TOKENS = /\bS[A-Z2-7]{55}\b|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}/g;

function secretsOf(keys: SystemKeys): Omit<SystemKeys, 'version' | 'operatorName' | 'rolePasswords'> {
  const { version: _, operatorName: __, rolePasswords, ...secrets } = keys;
  return { ...secrets, ...rolePasswords };
}

/** Every one-time code that was sent, from the outbox of DRY_RUN. */
export async function codesInOutbox(messaging: string): Promise<string[]> {
  const codes: string[] = [];
  for (let page: string | null = '/outbox?limit=100'; page !== null;) {
    const answer = await fetch(`${messaging}${page}`);
    const { messages, next } = (await answer.json()) as OutboxPage;
    const ofCodes = messages.filter(({ kind }) => kind === 'one_time_code');
    codes.push(...ofCodes.flatMap(({ body }) => /\b\d{6}\b/.exec(body)?.[0] ?? []));
    page = next;
  }
  return codes;
}

interface OutboxPage {
  readonly messages: readonly { readonly kind: string; readonly body: string }[];
  readonly next: string | null;
}
