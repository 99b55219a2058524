import { isPublicAddress, parseClientDomain } from './client-domain.policy';

describe('a client domain', () => {
  it('is a host with an optional port', () => {
    expect(parseClientDomain('Wallet.Example')).toEqual({ host: 'wallet.example', port: null });
    expect(parseClientDomain('localhost:9002')).toEqual({ host: 'localhost', port: 9002 });
    expect(parseClientDomain('127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80 });
  });

  it.each([
    '',
    'http://a.b',
    'a.b/path',
    'user@a.b',
    'a.b:0',
    'a.b:99999',
    'a b',
    '[::1]',
    'a..b',
    '-a.b',
    'a.b#x',
  ])('is not %p', (text) => {
    expect(parseClientDomain(text)).toBeNull();
  });
});

describe('an address that may be fetched from', () => {
  it.each(['93.184.216.34', '2606:4700::1111'])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'nonsense',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
