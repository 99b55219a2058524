import { parseArgs } from 'node:util';

import { PEOPLE_MAX } from './people/people-generator';
import { SupervisorError } from './supervisor/supervisor.errors';

export interface CommandLine {
  readonly command: 'start' | 'demo';
  readonly people: number;
  readonly exit: boolean;
  readonly json: boolean;
  readonly kafka: boolean;
  readonly fresh: boolean;
  readonly help: boolean;
}

export const PEOPLE_DEFAULT = 1000;

export const HELP = `npm run demo -- [options]   starts the system, pays a file of people, keeps running
npm start -- [options]      starts the system only

  --people <n>   how many people the demo pays (default ${String(PEOPLE_DEFAULT)})
  --exit         stop when the demo is done
  --json         print the result as one line of JSON
  --kafka        carry events over Apache Kafka (needs Java 17 and Maven)
  --fresh        remove all data, keys and logs of earlier runs first
  --help         this text

  PORT_BASE=18000 npm start     listens on 18000 … 18022 instead of 8000 … 8022 and 9002
  DATA_DIR=/somewhere npm start keeps its data there instead of in .data
  DATABASE_URL=postgres://…     uses that PostgreSQL, as a role that may create roles and tables
`;

/** Reads the words after the program's name. Throws a `SupervisorError` with a sentence for the user. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { values, positionals } = parsed(words);
  const [command = 'start', ...rest] = positionals;
  if ((command !== 'start' && command !== 'demo') || rest.length > 0) {
    throw new SupervisorError(`I do not know "${[command, ...rest].join(' ')}". See --help.`);
  }
  const { exit = false, json = false, kafka = false, fresh = false, help = false } = values;
  return { command, people: peopleFrom(values.people), exit, json, kafka, fresh, help };
}

const flag = { type: 'boolean' } as const;
const OPTIONS = {
  people: { type: 'string' },
  exit: flag,
  json: flag,
  kafka: flag,
  fresh: flag,
  help: flag,
} as const;

const parse = (words: readonly string[]) =>
  parseArgs({ args: [...words], allowPositionals: true, options: OPTIONS });

function parsed(words: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(words);
  } catch (error) {
    throw new SupervisorError(`${error instanceof Error ? error.message : String(error)}. See --help.`);
  }
}

function peopleFrom(text: string | undefined): number {
  if (text === undefined) return PEOPLE_DEFAULT;
  const people = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
  if (people < 1 || people > PEOPLE_MAX) {
    throw new SupervisorError(`--people must be a whole number from 1 to ${String(PEOPLE_MAX)}.`);
  }
  return people;
}
