import { randomBytes } from 'node:crypto';

import { seal, SealedColumnError, sealedFor, sealText, unseal, unsealText } from './sealed-column';

const key = randomBytes(32);
const here = sealedFor('tenant', 'messages.messages', 'row');

describe('a sealed column', () => {
  it('gives back the exact bytes', () => {
    const bytes = randomBytes(1_000);
    expect(Buffer.from(unseal(key, here, seal(key, here, bytes))).equals(bytes)).toBe(true);
    expect(unsealText(key, here, sealText(key, here, 'Grüße 🌍'))).toBe('Grüße 🌍');
    expect(unsealText(key, here, sealText(key, here, ''))).toBe('');
  });

  it('looks different each time and shows nothing of the value', () => {
    const first = Buffer.from(sealText(key, here, '+14155550100'));
    expect(first.equals(Buffer.from(sealText(key, here, '+14155550100')))).toBe(false);
    expect(first.includes('4155550100')).toBe(false);
  });

  it('does not open in another row, table or tenant', () => {
    const sealed = sealText(key, here, 'secret');
    for (const [tenant, table, row] of [
      ['other', 'messages.messages', 'row'],
      ['tenant', 'messages.dry_run_outbox', 'row'],
      ['tenant', 'messages.messages', 'another'],
    ] as const) {
      expect(() => unseal(key, sealedFor(tenant, table, row), sealed)).toThrow(SealedColumnError);
    }
  });

  it('does not open when a single bit was changed, wherever it is', () => {
    const sealed = Buffer.from(sealText(key, here, 'secret'));
    for (let position = 0; position < sealed.length; position += 1) {
      const changed = Buffer.from(sealed);
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect(() => unseal(key, here, changed)).toThrow(SealedColumnError);
    }
    expect(() => unseal(key, here, sealed.subarray(0, 20))).toThrow('not a sealed value');
  });

  it('opens with an older key that is still in the list, and says when no key fits', () => {
    const older = randomBytes(32);
    const sealed = sealText(older, here, 'secret');
    expect(unsealText([key, older], here, sealed)).toBe('secret');
    expect(() => unseal(key, here, sealed)).toThrow('sealed under a key that is not here');
  });
});
