import { jsonDepth, parseJsonField, refuseDeepJson } from './json-depth';

const depthOf = (text: string): number => jsonDepth(Buffer.from(text));
const refuse = (text: string, encoding = 'utf-8'): void => {
  const [request, response] = [{}, {}] as unknown as Parameters<typeof refuseDeepJson>;
  refuseDeepJson(request, response, Buffer.from(text), encoding);
};

describe('the depth of JSON', () => {
  it.each([
    ['1', 0],
    ['{}', 1],
    ['[[],[[]]]', 3],
    ['{"a":{"b":[1]}}', 3],
    ['{"[[[":"}}]]"}', 1],
    [String.raw`{"a\"[":"\\","b":[]}`, 2],
    [String.raw`{"a":"\\"}`, 1],
    ['{"é":["ü{"]}', 2],
  ])('of %s is %d', (text, depth) => {
    expect(depthOf(text)).toBe(depth);
  });

  it('is at most 32 in a body', () => {
    expect(() => {
      refuse('['.repeat(32) + ']'.repeat(32));
    }).not.toThrow();
    expect(() => {
      refuse('['.repeat(33) + ']'.repeat(33));
    }).toThrow('The request was invalid in some way.');
  });

  it('is at most 32 in a field of a form', () => {
    expect(parseJsonField('{"a":[1]}')).toEqual({ a: [1] });
    for (const text of ['['.repeat(33) + ']'.repeat(33), '', '{']) {
      expect(() => parseJsonField(text)).toThrow('The request was invalid in some way.');
    }
  });

  it('is only known of UTF-8', () => {
    expect(() => {
      refuse('{}', 'utf-16le');
    }).toThrow('The content type or encoding of the request is not supported.');
  });
});
