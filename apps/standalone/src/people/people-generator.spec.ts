import fs from 'node:fs';
import path from 'node:path';

import { parseAmount } from '@libs/kernel';
import { isValidPhoneNumber } from 'libphonenumber-js';

import { AREA_CODES } from './area-codes';
import { peopleFile } from './people-file';
import { generatePeople, PEOPLE_MAX } from './people-generator';

const SAMPLE = path.join(__dirname, '../../../../samples/demo-1000.csv');

describe('the people of the demo', () => {
  it('are those of samples/demo-1000.csv', () => {
    expect(fs.readFileSync(SAMPLE, 'utf8')).toBe(peopleFile(generatePeople({ count: 1000 })));
  });

  it('are the same whatever the count is, and others for another seed', () => {
    const ten = generatePeople({ count: 10 });
    expect(generatePeople({ count: 4, first: 7 })).toEqual(ten.slice(6));
    expect(generatePeople({ count: 1, seed: 'another' })[0]?.amount).not.toBe(ten[0]?.amount);
  });

  it('have phone numbers that are well formed, differ, and are kept for fiction', () => {
    const people = generatePeople({ count: AREA_CODES.length * 100 });
    expect(new Set(people.map((person) => person.phone)).size).toBe(people.length);
    expect(people.every((person) => /^\+1\d{3}55501\d\d$/.test(person.phone))).toBe(true);
    const sample = people.filter((person) => person.number % 37 === 0 || person.number <= AREA_CODES.length);
    expect(sample.filter((person) => !isValidPhoneNumber(person.phone))).toEqual([]);
  });

  it('never call a number that somebody answers, up to the last one', () => {
    const last = generatePeople({ count: 1, first: PEOPLE_MAX })[0]?.phone ?? '';
    expect(last.endsWith('5559999')).toBe(true);
    const lines = [1100, 1101, 1102, 4225, 4226, 4227].flatMap((round) =>
      generatePeople({ count: 1, first: round * AREA_CODES.length + 1 }).map(({ phone }) => phone.slice(-4)),
    );
    expect(lines).not.toContain('1212');
    expect(lines).not.toContain('4334');
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('have dates that exist and amounts that the upload accepts', () => {
    for (const person of generatePeople({ count: 500 })) {
      expect(new Date(`${person.dateOfBirth}T00:00:00Z`).toISOString()).toContain(person.dateOfBirth);
      expect(person.amount).toBeGreaterThanOrEqual(50_000_000n);
    }
    const cells = peopleFile(generatePeople({ count: 50 }))
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => parseAmount(line.split(',')[3] ?? ''));
    expect(cells.map((cell) => (cell.ok ? cell.value : undefined))).toEqual(
      generatePeople({ count: 50 }).map((person) => person.amount),
    );
  });
});
