import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Keypair } from '@stellar/stellar-sdk';

import { generatePeople } from '../people/people-generator';
import { type DataFolder, openDataFolder } from '../system/data-folder';
import { leaks } from './leaks';

const [PERSON] = generatePeople({ count: 1 });
if (PERSON === undefined) throw new Error('there is nobody');
const CODE = '480213';

describe('the search for what must not be in any log', () => {
  let folder: string;
  let data: DataFolder;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'leaks '));
    data = openDataFolder(folder);
    fs.mkdirSync(data.logs);
  });

  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const search = (text: string, printed = ''): string[] => {
    fs.writeFileSync(path.join(data.logs, 'messaging.log'), text);
    return leaks({ data, people: [PERSON], codes: [CODE], printed });
  };

  it.each([
    ['a phone number', (): string => PERSON.phone.slice(1)],
    ['a name', (): string => PERSON.name],
    ['a date of birth', (): string => PERSON.dateOfBirth],
    ['a one-time code', (): string => CODE],
    ['a key', (): string => data.keys.vaultKey],
    ['the password of a role', (): string => data.keys.rolePasswords.messaging],
    ['a password of staff', (): string => data.keys.staffPassword],
    ['the seed of any account', (): string => Keypair.random().secret()],
    ['the token of anybody', (): string => 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0'],
  ])('finds %s', (_, secret) => {
    const word = secret();
    const [one] = search(`{"level":"warn","message":"not sent: ${word}."}\n`);
    expect(one).toBe(`${word} in ${path.join(data.logs, 'messaging.log')}`);
  });

  it('finds the same on the terminal, where only the credentials of the demo may stand', () => {
    expect(search('', `${data.keys.staffPassword} ${data.keys.operatorPassword}`)).toEqual([]);
    expect(search('', `a code: ${CODE}`)).toEqual([`${CODE} in the terminal`]);
  });

  it('does not take the number of a process for a code', () => {
    expect(search(`{"pid":${CODE},"message":"ready"}\n(node:${CODE}) a warning\n`)).toEqual([]);
    expect(search(`{"pid":${CODE},"code":"${CODE}"}\n`)).toHaveLength(1);
  });

  it('does not take what PostgreSQL tells of itself for a code', () => {
    const head = `2026-11-21 23:05:14.264 UTC [${CODE}] LOG:  `;
    const checkpoint = `distance=${CODE} kB, estimate=${CODE} kB; lsn=0/${CODE}, redo lsn=0/${CODE}`;
    expect(search(`${head}${checkpoint}\n${head}"walwriter" (PID ${CODE}) exited\n`)).toEqual([]);
    expect(search(`${head}DETAIL:  Failing row contains (${CODE}).\n`)).toHaveLength(1);
  });
});
