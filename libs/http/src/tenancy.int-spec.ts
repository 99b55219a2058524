import { twoTenantSuite } from '@libs/testing';

import { IdempotencyKeysRepository } from './idempotency-keys.repository';

twoTenantSuite('answers kept under an Idempotency-Key', {
  app: 'dashboardApi',
  tables: ['http.idempotency_keys'],
  given: async (tx) => {
    const request = { key: 'one', scope: 'POST /payments', bodyHash: new Uint8Array(32) };
    await new IdempotencyKeysRepository().once(tx, request, async () => ({ status: 201, body: {} }));
  },
});
