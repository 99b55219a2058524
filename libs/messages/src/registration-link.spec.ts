import { registrationLink } from './registration-link';

const ISSUER = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';
const given = {
  deepLink: 'https://wallet.example/open',
  asset: { code: 'USDC', issuer: ISSUER },
  baseUrl: 'https://acme.pay.example:8443',
  organizationName: 'Acme & Söhne',
};

describe('a registration link', () => {
  it('names asset, domain and organisation, sorted', () => {
    expect(registrationLink(given)).toBe(
      `https://wallet.example/open?asset=USDC-${ISSUER}&domain=acme.pay.example%3A8443&name=Acme+%26+S%C3%B6hne`,
    );
  });

  it('names XLM as native', () => {
    const link = registrationLink({ ...given, asset: { code: 'XLM', issuer: '' } });
    expect(new URL(link).searchParams.get('asset')).toBe('native');
  });

  it('keeps the scheme and the parameters of the deep link, but no signature that it brought along', () => {
    const link = registrationLink({ ...given, deepLink: 'wallet://open?zone=1&signature=old&a=2' });
    expect(link).toMatch(/^wallet:\/\/open\?a=2&asset=.*&name=.*&zone=1$/);
    expect(link).not.toContain('signature');
  });
});
