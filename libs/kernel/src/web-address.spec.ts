import { isBaseAddress } from './web-address';

describe('an address that paths are put behind', () => {
  it.each(['https://pay.test', 'http://localhost:8001/', 'https://pay.test/acme', 'https://münchen.test'])(
    'is %s',
    (address) => {
      expect(isBaseAddress(address)).toBe(true);
    },
  );

  it.each([
    ...[
      'https://user:word@pay.test',
      'https://user@pay.test',
      'https://pay.test/?a=b',
      'https://pay.test#here',
    ],
    ...['https://pay.test\n', ' https://pay.test', 'https://pay.test/a b', 'https://pay.test/\0'],
    ...['https:\\\\pay.test', 'https:pay.test', 'ftp://pay.test', 'pay.test', ''],
    `https://pay.test/${'a'.repeat(2_032)}`,
  ])('is not %j', (address) => {
    expect(isBaseAddress(address)).toBe(false);
  });
});
