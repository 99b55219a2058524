import { everyMigration } from '@libs/testing';

import { ALL_MIGRATIONS } from './migrations';

describe('npm run migrate', () => {
  it('knows the migrations of every library', () => {
    const names = (migrations: typeof ALL_MIGRATIONS): string[] => migrations.map(({ name }) => name).sort();
    expect(names(ALL_MIGRATIONS)).toEqual(names(everyMigration()));
  });

  it('can put all of them in order, since no two have the same time', () => {
    const times = ALL_MIGRATIONS.map(({ name }) => /\d{13}$/.exec(name)?.[0]);
    expect(times).not.toContain(undefined);
    expect(new Set(times).size).toBe(times.length);
  });
});
