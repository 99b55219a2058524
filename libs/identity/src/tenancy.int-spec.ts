import { newId } from '@libs/kernel';
import { twoTenantSuite } from '@libs/testing';

import { ApiKeysRepository } from './api-keys/api-keys.repository';
import { AuditLogRepository } from './audit/audit-log.repository';
import { LoginFailuresRepository } from './login-failures.repository';
import { PasskeysRepository } from './second-factor/passkeys.repository';
import { RecoveryCodesRepository } from './second-factor/recovery-codes.repository';
import { TotpSecretsRepository } from './second-factor/totp-secrets.repository';
import { SessionsRepository } from './sessions.repository';
import { KnownPlacesRepository } from './sessions/known-places.repository';
import { RefreshTokensRepository } from './sessions/refresh-tokens.repository';
import { UsersRepository } from './users.repository';

twoTenantSuite('the people who work', {
  app: 'dashboardApi',
  tables: [
    'identity.users',
    'identity.sessions',
    'identity.password_resets',
    'identity.mfa_codes',
    'identity.login_failures',
    'identity.refresh_tokens',
    'identity.known_places',
    'identity.api_keys',
    'identity.audit_log',
    'identity.audit_heads',
    'identity.totp_secrets',
    'identity.recovery_codes',
    'identity.passkeys',
    'identity.passkey_challenges',
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
    const origin = { address: '10.0.0.1', userAgent: 'test', isProven: false, mustEnrol: false };
    const sessionId = await new SessionsRepository().start(tx, userId, origin);
    await new RefreshTokensRepository().issue(tx, sessionId);
    await new ApiKeysRepository().add(tx, {
      name: 'books',
      permissions: ['read:all'],
      allowedIps: [],
      expiresAt: null,
      createdBy: userId,
    });
    await new TotpSecretsRepository(Buffer.alloc(32, 2), () => undefined).begin(tx, userId);
    await new RecoveryCodesRepository(Buffer.alloc(32, 3)).replace(tx, userId);
    const passkeys = new PasskeysRepository();
    await passkeys.ask(tx, userId, 'challenge');
    await passkeys.add(tx, {
      userId,
      name: 'blue key',
      credentialId: newId(),
      publicKey: new Uint8Array(8),
      counter: 0,
      transports: [],
    });
    await new AuditLogRepository().append(tx, {
      actor: { type: 'user', id: userId, name: 'Ada' },
      address: '',
      requestId: '',
      action: 'test',
      subjectType: 'user',
      subjectId: userId,
      before: null,
      after: null,
    });
    const hash = Buffer.alloc(32, 1);
    await new KnownPlacesRepository().remember(tx, userId, [hash]);
    await new LoginFailuresRepository().begin(tx, [{ kind: 'account', hash }]);
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
