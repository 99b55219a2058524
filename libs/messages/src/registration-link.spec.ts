import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

import { registrationLink, unsignedLink } from './registration-link';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = (link: string): string => sign(null, Buffer.from(link), privateKey).toString('hex');
const ISSUER = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';
const given = {
  deepLink: 'https://wallet.example/open',
  asset: { code: 'USDC', issuer: ISSUER },
  baseUrl: 'https://acme.pay.example:8443',
  organizationName: 'Acme & Söhne',
};

describe('a registration link', () => {
  it('has its parameters sorted and the signature last', () => {
    const link = registrationLink(given, () => 'ab'.repeat(64));
    expect(link).toBe(
      `https://wallet.example/open?asset=USDC-${ISSUER}&domain=acme.pay.example%3A8443&name=Acme+%26+S%C3%B6hne&signature=${'ab'.repeat(64)}`,
    );
  });

  it('names XLM as native', () => {
    const link = registrationLink({ ...given, asset: { code: 'XLM', issuer: '' } }, signer);
    expect(new URL(link).searchParams.get('asset')).toBe('native');
  });

  it('is signed as a whole: any change of it breaks the signature', () => {
    const parts = unsignedLink(registrationLink({ ...given, deepLink: 'wallet://open?zone=1&a=2' }, signer));
    const key = createPublicKey(publicKey.export({ format: 'pem', type: 'spki' }));
    const holds = (text: string): boolean =>
      verify(null, Buffer.from(text), key, Buffer.from(parts?.signature ?? '', 'hex'));
    expect(parts?.unsigned).toContain('wallet://open?a=2&asset=');
    expect(holds(parts?.unsigned ?? '')).toBe(true);
    expect(holds(`${parts?.unsigned ?? ''}&x=1`)).toBe(false);
    expect(holds((parts?.unsigned ?? '').replace('acme', 'evil'))).toBe(false);
  });

  it('does not keep a signature that the deep link brought along', () => {
    const link = registrationLink({ ...given, deepLink: 'wallet://open?signature=old' }, signer);
    expect(link.match(/signature=/g)).toHaveLength(1);
  });
});
