import {
  accountAddressOf,
  addressKind,
  isAccountAddress,
  isContractAddress,
  isMuxedAddress,
  muxedParts,
  publicKeyOf,
  seedBytesOf,
  seedTextOf,
} from './address';

const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const CONTRACT = 'CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE';
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ';

describe('the address of a ledger account', () => {
  // The examples of SEP-23.
  it('is recognised by its kind', () => {
    expect(addressKind(ACCOUNT)).toBe('account');
    expect(addressKind(CONTRACT)).toBe('contract');
    expect(addressKind(MUXED)).toBe('muxed');
    expect([isAccountAddress(ACCOUNT), isContractAddress(CONTRACT), isMuxedAddress(MUXED)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([isAccountAddress(CONTRACT), isContractAddress(MUXED), isMuxedAddress(ACCOUNT)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is refused when any one letter was mistyped', () => {
    for (let index = 0; index < ACCOUNT.length; index += 1) {
      const letter = ACCOUNT.charAt(index) === 'A' ? 'B' : 'A';
      expect(addressKind(ACCOUNT.slice(0, index) + letter + ACCOUNT.slice(index + 1))).toBeNull();
    }
  });

  it.each([
    ['empty', ''],
    ['lower case', ACCOUNT.toLowerCase()],
    ['cut off', ACCOUNT.slice(0, -1)],
    ['padded', `${MUXED}===`],
    ['with a space', ` ${ACCOUNT}`],
    ['too long', `${ACCOUNT}A`],
    ['a secret seed', seedTextOf(new Uint8Array(32))],
    [
      'with stray bits in its last letter',
      'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUR',
    ],
    ['with a length that base32 does not have', 'GAAAAAAAACGC6'],
    ['huge', 'G'.repeat(1_000_000)],
  ])('is refused when it is %s', (_, text) => {
    expect(addressKind(text)).toBeNull();
  });

  it('gives its key back', () => {
    const key = publicKeyOf(ACCOUNT);
    expect(key === null ? null : accountAddressOf(key)).toBe(ACCOUNT);
    expect(muxedParts('MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK')).toEqual({
      account: ACCOUNT,
      id: 9_223_372_036_854_775_808n,
    });
    expect(seedBytesOf(seedTextOf(new Uint8Array(32).fill(7)))).toEqual(new Uint8Array(32).fill(7));
    expect(seedBytesOf(ACCOUNT)).toBeNull();
  });
});
