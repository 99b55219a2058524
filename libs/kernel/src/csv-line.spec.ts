import { csvLine, FORMULA_STARTS } from './csv-line';

describe('a line of a table', () => {
  it('ends as RFC 4180 has it, and quotes what could be taken for its form', () => {
    expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', ''])).toBe('a,"b,c","d""e","f\ng",\r\n');
    expect(csvLine(['a;b', 'c,d'], ';')).toBe('"a;b";c,d\r\n');
  });

  it.each([...FORMULA_STARTS])('has an apostrophe before a cell that begins with %j', (start) => {
    expect(csvLine([`${start}A1`]).replaceAll('"', '')).toBe(`'${start}A1\r\n`);
  });

  it.each([
    ['x;=A1', ',', "x;'=A1"],
    ['x;"=A1', ',', `"x;""'=A1"`],
    ['x\t@A1;+A1', ',', "x\t'@A1;'+A1"],
    ['x\n-A1', ',', `"x\n'-A1"`],
    ['x,=A1', ';', "x,'=A1"],
    // Quoted, as that is the separator.
    ['x,=A1', ',', '"x,=A1"'],
    ['x;y-1', ',', 'x;y-1'],
  ])(
    'has one in %j, too, where the separator is %j and somebody reads it by another',
    (cell, separator, line) => {
      expect(csvLine([cell], separator)).toBe(`${line}\r\n`);
    },
  );

  it('leaves telephone numbers and amounts as they are, and formulas of them not', () => {
    expect(csvLine(['+254711000001', '-12.5'])).toBe('+254711000001,-12.5\r\n');
    expect(csvLine(['+1+cmd', '-1.2.3'])).toBe("'+1+cmd,'-1.2.3\r\n");
  });
});
