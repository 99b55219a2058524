import { verificationMistake } from './verification-format.policy';

const TODAY = new Date('2026-11-22T09:00:00Z');
const two = (number: number): string => String(number).padStart(2, '0');

describe('a date of birth', () => {
  it('is a day that the calendar has', () => {
    const isDay = (text: string): boolean => {
      const date = new Date(`${text}T00:00:00Z`);
      return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
    };
    for (const year of ['0000', '0001', '0099', '0100', '1582', '1900', '1999', '2000', '2023', '2024']) {
      for (let [month, day] = [0, 0]; month <= 13; day === 32 ? ((month += 1), (day = 0)) : (day += 1)) {
        const text = `${year}-${two(month)}-${two(day)}`;
        const mistake = verificationMistake('DATE_OF_BIRTH', text, TODAY);
        expect([text, mistake === null]).toEqual([text, isDay(text)]);
      }
    }
  });

  it('is in the past, or today', () => {
    const mistakeOf = (text: string): string | null => verificationMistake('DATE_OF_BIRTH', text, TODAY);
    expect(mistakeOf('2026-11-22')).toBeNull();
    expect(mistakeOf('2026-11-23')).toBe('date of birth cannot be in the future');
    expect(verificationMistake('YEAR_MONTH', '2026-12', TODAY)).toBe('year/month cannot be in the future');
    expect(verificationMistake('YEAR_MONTH', '2026-11', TODAY)).toBeNull();
  });

  it('is nothing that only looks like one', () => {
    for (const text of [
      '2024-2-3',
      '2024/02/03',
      '20240203',
      '2024-02-03 ',
      '+024-02-03',
      '２０２４-02-03',
      'x',
    ]) {
      expect(verificationMistake('DATE_OF_BIRTH', text, TODAY)).toMatch('invalid date of birth format');
    }
    expect(verificationMistake('YEAR_MONTH', '2024-13', TODAY)).toMatch('invalid year/month format');
  });
});
