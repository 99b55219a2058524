import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { openDataFolder } from './data-folder';
import { embeddedDatabase } from './database-address';
import type { Installation } from './installation';
import { portPlan } from './port-plan';
import { welcomeText } from './welcome-text';

describe('what the terminal says when everything is ready', () => {
  let folder: string;
  let installation: Installation;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'a welcome '));
    const data = openDataFolder(folder);
    const ports = portPlan(18_000);
    const database = embeddedDatabase(ports.postgres, data.keys);
    installation = { data, portBase: 18_000, ports, kafka: false, embeddedPostgres: true, database };
  });

  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('names addresses, and the operator with the password', () => {
    const text = welcomeText(installation, {});
    expect(text).toContain('http://localhost:18000\n');
    expect(text).toContain(
      `http://localhost:18003/tenants   (operator / ${installation.data.keys.operatorPassword})`,
    );
  });

  it('says who may sign in, and how, when the organisation is there', () => {
    const text = welcomeText(installation, { owner: 'owner@demo.example' });
    expect(text).toMatch(new RegExp(`owner +owner@demo.example +${installation.data.keys.staffPassword}`));
    expect(text).toContain('http://localhost:18000/login');
    expect(text).not.toContain('not there yet');
  });

  it('says how to make an organisation when there is none, and nothing when that is not known', () => {
    expect(welcomeText(installation, {})).toContain('npm run demo makes it');
    expect(welcomeText(installation, {})).not.toContain('/login');
    expect(welcomeText(installation, undefined)).not.toContain('not there yet');
  });
});
