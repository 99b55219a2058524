import { newId } from '@libs/kernel';
import { twoTenantSuite } from '@libs/testing';

import { LoginFailuresRepository } from './login-failures.repository';
import { SessionsRepository } from './sessions.repository';
import { UsersRepository } from './users.repository';

twoTenantSuite('the people who work', {
  app: 'dashboardApi',
  tables: [
    'identity.users',
    'identity.sessions',
    'identity.password_resets',
    'identity.mfa_codes',
    'identity.login_failures',
  ],
  given: async (tx) => {
    const userId = await new UsersRepository().add(tx, {
      email: `${newId()}@people.test`,
      firstName: 'Ada',
      lastName: 'Lovelace',
      roles: ['owner'],
      isOwner: true,
      passwordHash: null,
    });
    if (userId === null) throw new Error('the address is taken');
    await new SessionsRepository().start(tx, userId, 900);
    const hash = Buffer.alloc(32, 1);
    await new LoginFailuresRepository().record(tx, [{ kind: 'account', hash }]);
    await tx.execute(
      `INSERT INTO identity.password_resets (tenant_id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, now())`,
      [tx.tenantId, userId, hash],
    );
    await tx.execute(
      `INSERT INTO identity.mfa_codes (tenant_id, user_id, device_hash, expires_at) VALUES ($1, $2, $3, now())`,
      [tx.tenantId, userId, hash],
    );
  },
});
