import { isAllowedAddress, normalisedNetwork } from './allowed-addresses';

describe('a list of allowed addresses', () => {
  it.each([
    [' 203.0.113.7 ', '203.0.113.7'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('takes %s as %s', (given, network) => {
    expect(normalisedNetwork(given)).toBe(network);
  });

  it.each([
    '',
    'house',
    '10',
    '10/8',
    '010.0.0.1',
    '010.0.0.0/8',
    '0x7f.1',
    '10.0.0.1/33',
    '10.0.0.0/',
    '/8',
  ])('has no entry %j, which reads as more than one address', (given) => {
    expect(normalisedNetwork(given)).toBeNull();
  });

  it('lets in who comes from one of its networks, also over an IPv6 socket', () => {
    expect(isAllowedAddress(['10.0.0.0/8'], '::ffff:10.1.2.3')).toBe(true);
    expect(isAllowedAddress(['10.0.0.0/8'], '11.1.2.3')).toBe(false);
    expect(isAllowedAddress(['10.0.0.0/8'], 'garbage')).toBe(false);
    expect(isAllowedAddress([], 'garbage')).toBe(true);
  });
});
