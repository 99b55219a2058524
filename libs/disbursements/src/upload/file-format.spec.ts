import { type Encoding, EncodingGuess, separatorOf } from './file-format';

const bytesOf = (text: string, encoding: BufferEncoding): Buffer => Buffer.from(text, encoding);

/** The same wherever the network cuts the bytes. */
function guessOf(bytes: Buffer): Set<Encoding> {
  const found = new Set<Encoding>();
  for (let size = 1; size <= bytes.length; size += 1) {
    const guess = new EncodingGuess();
    for (let at = 0; at < bytes.length; at += size) guess.look(bytes.subarray(at, at + size));
    found.add(guess.end());
  }
  return found;
}

describe('the encoding of a file', () => {
  it.each<[string, Buffer, Encoding]>([
    ['nothing but ASCII', bytesOf('phone,id\n1,2\n', 'utf8'), 'utf-8'],
    ['letters of the world', bytesOf('id\nŽofie 👩🏽‍🌾 €\n', 'utf8'), 'utf-8'],
    ['a mark of UTF-8', bytesOf('\uFEFFid\nä\n', 'utf8'), 'utf-8'],
    ['UTF-16 with its mark', bytesOf('\uFEFFid,ä\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 without its mark', bytesOf('id,ä\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 the other way round', bytesOf('\uFEFFid,ä\n', 'utf16le').swap16(), 'utf-16be'],
    ['what old Windows writes', bytesOf('id\nMüller, Öz\n', 'latin1'), 'windows-1252'],
    [
      'two letters of Windows that look like one of UTF-8 begun',
      bytesOf('id\nÃé\n', 'latin1'),
      'windows-1252',
    ],
    [
      'both, pasted together',
      Buffer.concat([bytesOf('id\nMüller\n', 'latin1'), bytesOf('Žofie\n', 'utf8')]),
      'utf-8',
    ],
    ['a last letter that is cut off', bytesOf('id\nä', 'utf8').subarray(0, -1), 'utf-8'],
  ])('is recognised of %s', (_what, bytes, encoding) => {
    expect([...guessOf(bytes)]).toEqual([encoding]);
  });
});

describe('what separates the cells of a file', () => {
  it.each([
    ['phone,id,amount', ','],
    ['phone;id;amount', ';'],
    ['phone\tid\tamount', '\t'],
    ['"a;b;c;d",id,amount', ','],
    ['"a "";"" b",id', ','],
    ['phone', ','],
    ['', ','],
  ])('is read from its header: %s', (header, separator) => {
    expect(separatorOf(header)).toBe(separator);
  });
});
