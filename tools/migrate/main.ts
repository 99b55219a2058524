import { readSettings } from '@libs/config';
import { APP_NAMES, type AppName, migrate } from '@libs/persistence';

import { ALL_MIGRATIONS } from './migrations';

const USAGE = `npm run migrate    brings the database to the newest schema: MIGRATION_DATABASE_URL as the owner of the tables, who may create
                   roles. ROLE_PASSWORDS=app=password,… sets the passwords of the apps' roles (${APP_NAMES.join(', ')}).
                   Run it any number of times, also two at once.`;

/** `a=1,b=2` as a password per app; an unknown name is a mistake worth stopping for. */
function passwordsOf(text: string | undefined): Partial<Record<AppName, string>> {
  const passwords: Partial<Record<AppName, string>> = {};
  for (const pair of text?.split(',') ?? []) {
    const separator = pair.indexOf('=');
    const app = APP_NAMES.find((name) => name === pair.slice(0, separator));
    if (separator < 1 || app === undefined) {
      throw new Error(`ROLE_PASSWORDS must be app=password pairs with the apps ${APP_NAMES.join(', ')}`);
    }
    passwords[app] = pair.slice(separator + 1);
  }
  return passwords;
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return;
  }
  const settings = readSettings(['MIGRATION_DATABASE_URL', 'ROLE_PASSWORDS'] as const);
  const applied = await migrate({
    url: settings.MIGRATION_DATABASE_URL,
    migrations: ALL_MIGRATIONS,
    passwords: passwordsOf(settings.ROLE_PASSWORDS),
  });
  console.log(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
