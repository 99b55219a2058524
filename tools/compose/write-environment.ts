import fs from 'node:fs';
import path from 'node:path';

import { composeEnvironment, environmentFile } from './compose-environment';

/** `npm run compose:env`: keys and passwords for docker-compose.yml, made once, readable by their owner only. */
const file = path.join(__dirname, '..', '..', '..', '.env');

if (process.argv.includes('--help')) {
  console.log(
    'npm run compose:env    writes .env with new keys and passwords for docker-compose.yml; one that is there is left as it is',
  );
} else write();

function write(): void {
  try {
    fs.writeFileSync(file, environmentFile(composeEnvironment()), { mode: 0o600, flag: 'wx' });
    console.log('wrote .env with new keys and passwords');
  } catch (error) {
    if (!fs.existsSync(file)) throw error;
    console.log('.env is there already: it was left as it is');
  }
}
