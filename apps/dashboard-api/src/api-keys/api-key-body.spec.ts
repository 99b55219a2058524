import { readApiKeyOrder } from './api-key-body';

const NOW = new Date('2026-01-01T00:00:00Z');

describe('the end of an API key', () => {
  const read = (expiry: unknown): ReturnType<typeof readApiKeyOrder> =>
    readApiKeyOrder({ name: 'a key', permissions: ['read:all'], expiry_date: expiry }, NOW);

  it.each([
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
    ['2030-12-31T23:59:59.5+02:00', '2030-12-31T21:59:59.500Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('is %s as it is named', (given, moment) => {
    const { order, extras } = read(given);
    expect([order.expiresAt?.toISOString(), extras]).toEqual([moment, {}]);
  });

  it.each([
    '2030-02-30T00:00:00Z',
    '2030-04-31T00:00:00Z',
    '2030-13-01T00:00:00Z',
    '2030-01-01T25:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '2030-01-01',
    5,
  ])('is never the nearest moment to %s, which is none', (given) => {
    expect(read(given).extras).toEqual({
      expiry_date: 'expiry date must be an RFC 3339 time, for example 2030-12-31T23:59:59Z',
    });
  });
});
