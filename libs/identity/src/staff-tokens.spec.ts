import { generateKeyPairSync } from 'node:crypto';

import { ManualClock, newId } from '@libs/kernel';
import { SignJWT } from 'jose';

import { StaffTokens } from './staff-tokens';
import type { StaffUser } from './staff-user';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = String(privateKey.export({ type: 'sec1', format: 'pem' }));
const user: StaffUser = {
  id: newId(),
  email: 'ada@people.test',
  firstName: 'Ada',
  lastName: 'Lovelace',
  isOwner: false,
  isActive: true,
  roles: ['approver'],
};

describe('a token of staff', () => {
  const clock = new ManualClock(new Date('2026-05-01T00:00:00Z'));
  const tokens = new StaffTokens(pem.replaceAll('\n', '\\n'), clock);
  const [tenantId, sessionId] = [newId(), newId()];

  it('says who, where and until when', async () => {
    const token = await tokens.sign(tenantId, user, sessionId);
    expect(await tokens.read(token)).toEqual({
      tenantId,
      userId: user.id,
      sessionId,
      expiresAtSeconds: 1_777_594_500,
    });
  });

  it('lives fifteen minutes, and is renewed in the last three', async () => {
    const token = await tokens.sign(tenantId, user, sessionId);
    const subject = await tokens.read(token);
    if (subject === null) throw new Error('it was just signed');
    expect(tokens.needsRenewal(subject)).toBe(false);
    clock.advanceMs(12 * 60_000);
    expect(tokens.needsRenewal(subject)).toBe(true);
    clock.advanceMs(3 * 60_000 + 1_000);
    expect(await tokens.read(token)).toBeNull();
  });

  it('of another kind, algorithm or key is none', async () => {
    const claims = { kind: 'staff', sid: sessionId, tenant_id: tenantId, user: { id: user.id } };
    const sign = async (
      payload: object,
      key: Parameters<SignJWT['sign']>[0],
      alg = 'ES256',
    ): Promise<string> =>
      await new SignJWT({ ...payload })
        .setProtectedHeader({ alg })
        .setExpirationTime(clock.now().getTime() / 1000 + 60)
        .sign(key);
    expect(await tokens.read(await sign(claims, privateKey))).not.toBeNull();
    expect(await tokens.read(await sign({ ...claims, kind: 'wallet' }, privateKey))).toBeNull();
    expect(await tokens.read(await sign({ ...claims, tenant_id: 'x' }, privateKey))).toBeNull();
    expect(await tokens.read(await sign({ ...claims, user: null }, privateKey))).toBeNull();
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(await tokens.read(await sign(claims, other))).toBeNull();
    const secret = new TextEncoder().encode(pem);
    expect(await tokens.read(await sign(claims, secret, 'HS256'))).toBeNull();
    const endless = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    expect(await tokens.read(endless)).toBeNull();
  });

  it('needs a P-256 key', () => {
    const wrong = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    const wrongPem = String(wrong.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => new StaffTokens(wrongPem, clock)).toThrow('P-256');
  });
});
