import { isAllowedAddress, isWithin, normalisedNetwork } from './allowed-addresses';

describe('a list of allowed addresses', () => {
  it.each([
    [' 203.0.113.7 ', '203.0.113.7'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
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
    '::ffff:10.0.0.0/90',
  ])('has no entry %j, which reads as more than one address', (given) => {
    expect(normalisedNetwork(given)).toBeNull();
  });

  it('lets in who comes from one of its networks, also over an IPv6 socket', () => {
    expect(isAllowedAddress(['10.0.0.0/8'], '::ffff:10.1.2.3')).toBe(true);
    expect(isAllowedAddress(['10.0.0.0/8'], '11.1.2.3')).toBe(false);
    expect(isAllowedAddress(['10.0.0.0/8'], 'garbage')).toBe(false);
    expect(isAllowedAddress([], 'garbage')).toBe(true);
  });

  it.each([
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.0.0/16', '10.9.9.9/8'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['255.255.255.255', '0.0.0.0/0'],
    ['2001:db8:1::/48', '2001:db8::/32'],
    ['2001:db8::7', '2001:db8::7/128'],
  ])('has %s within %s', (network, other) => {
    expect(isWithin([other, '198.51.100.1'], network)).toBe(true);
  });

  it.each([
    ['10.0.0.0/7', '10.0.0.0/8'],
    ['11.0.0.1', '10.0.0.0/8'],
    ['0.0.0.0/0', '10.0.0.0/8'],
    ['192.0.2.0/31', '192.0.2.0'],
    ['::/0', '0.0.0.0/0'],
    ['192.0.2.1', '::/0'],
    ['2001:db8::/31', '2001:db8::/32'],
  ])('does not have %s within %s', (network, other) => {
    expect(isWithin([other, '198.51.100.1'], network)).toBe(false);
  });

  it('without entries has everything within', () => {
    expect(isWithin([], '0.0.0.0/0')).toBe(true);
  });
});
