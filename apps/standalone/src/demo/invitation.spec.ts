import { LedgerKey } from '../stellar/ledger-key';
import { isGenuine, linkIn, readInvitation } from './invitation';

const key = LedgerKey.derived('a test', 'signs links');
const unsigned = `http://localhost:8021/invitation?asset=AID-${key.address}&domain=localhost%3A8001&name=Demo`;
const link = `${unsigned}&signature=${key.sign(Buffer.from(unsigned)).toString('hex')}`;

describe('a registration link', () => {
  it('is found in a text', () => {
    expect(linkIn('Click http://localhost:8001/r/a1b2c3. to register')).toBe(
      'http://localhost:8001/r/a1b2c3',
    );
    expect(linkIn('123456 is your code')).toBeUndefined();
  });

  it('says which asset waits where', () => {
    expect(readInvitation(link)).toEqual({
      link,
      assetCode: 'AID',
      assetIssuer: key.address,
      domain: 'localhost:8001',
    });
    expect(readInvitation('https://x/?asset=native&domain=https://pay.example.org/x')).toMatchObject({
      assetCode: 'native',
      assetIssuer: '',
      domain: 'pay.example.org',
    });
    expect(() => readInvitation('https://x/?domain=y')).toThrow('no registration link');
  });

  it('is believed only with the signature of the key over every character before it', () => {
    const other = LedgerKey.derived('a test', 'somebody else').address;
    expect(isGenuine(link, key.address)).toBe(true);
    expect(isGenuine(link, other)).toBe(false);
    expect(isGenuine(link.replace('AID-', 'BAD-'), key.address)).toBe(false);
    expect(isGenuine(unsigned, key.address)).toBe(false);
  });
});
