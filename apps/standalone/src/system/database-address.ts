import { APP_ROLES, type AppName } from '@libs/persistence';

import type { SystemKeys } from './system-keys';

export const DATABASE_NAME = 'distributary';
export const OWNER_ROLE = 'distributary_owner';

/** The PostgreSQL of this installation: the embedded one, or one that the user named. */
export interface DatabaseAddress {
  /** As the role that owns the tables. */
  readonly ownerUrl: string;
  urlOf(app: AppName): string;
}

export function embeddedDatabase(port: number, keys: SystemKeys): DatabaseAddress {
  const owner = new URL(`postgres://127.0.0.1:${String(port)}/${DATABASE_NAME}`);
  owner.username = OWNER_ROLE;
  owner.password = keys.ownerPassword;
  return addressFrom(owner, keys);
}

/** `url` names a role that may create roles and tables; the apps connect to the same database as their own roles. */
export function namedDatabase(url: string, keys: SystemKeys): DatabaseAddress {
  return addressFrom(new URL(url), keys);
}

function addressFrom(owner: URL, keys: SystemKeys): DatabaseAddress {
  return {
    ownerUrl: owner.href,
    urlOf: (app) => {
      const url = new URL(owner);
      url.username = APP_ROLES[app];
      url.password = keys.rolePasswords[app];
      return url.href;
    },
  };
}
