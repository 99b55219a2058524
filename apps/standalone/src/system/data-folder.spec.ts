import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { eraseDataFolder, openDataFolder } from './data-folder';

describe('the data folder', () => {
  let home: string;
  let folder: string;

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'a home '));
    folder = path.join(home, 'data');
  });

  afterEach(() => {
    fs.rmSync(home, { recursive: true, force: true });
  });

  it('holds keys that are made once and only its owner can read', () => {
    const { keys } = openDataFolder(folder);
    expect(openDataFolder(folder).keys).toEqual(keys);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    expect(fs.statSync(path.join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    const texts = [
      ...Object.values(keys).filter((key) => typeof key === 'string'),
      ...Object.values(keys.rolePasswords),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('gets other keys after it was wiped', async () => {
    const before = openDataFolder(folder).keys.vaultKey;
    await eraseDataFolder(folder, { hasNamedDatabase: false });
    expect(fs.existsSync(folder)).toBe(false);
    expect(openDataFolder(folder).keys.vaultKey).not.toBe(before);
  });

  it('is not opened with other keys than those of its data', () => {
    fs.mkdirSync(path.join(folder, 'postgres'), { recursive: true });
    expect(() => openDataFolder(folder)).toThrow(/keys\.json is missing.*--fresh/);
  });

  it('is not wiped beside a database that stays: it could not be read any more', async () => {
    openDataFolder(folder);
    const wipe = eraseDataFolder(folder, { hasNamedDatabase: true });
    await expect(wipe).rejects.toThrow(/keep the database that DATABASE_URL names.*Make an empty database/);
    expect(fs.readdirSync(folder)).toContain('keys.json');
  });

  it('is not wiped when it is no folder of ours', async () => {
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'thesis.txt'), 'years of work');
    await expect(eraseDataFolder(folder, { hasNamedDatabase: false })).rejects.toThrow('nothing was removed');
    expect(fs.readdirSync(folder)).toEqual(['thesis.txt']);
  });
});
