import parsePhoneNumber, { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';

import { isTelephone } from './contact.policy';
import { isSurelyTelephone } from './numbering-plans';

const NUMBERS_OF_A_COUNTRY = 60;
const SHAPE = /^\+[1-9][0-9]{9,14}$/;
const isValid = (number: string): boolean => parsePhoneNumber(number, { extract: false })?.isValid() === true;

describe('a telephone number', () => {
  it('is one exactly where libphonenumber says so, in every country', () => {
    // The same numbers in each run.
    let state = 20_261_122;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const different: string[] = [];
    let [valid, sure, looked] = [0, 0, 0];
    for (const country of getCountries()) {
      const mobile = examples[country];
      for (let nth = 0; nth < NUMBERS_OF_A_COUNTRY; nth += 1) {
        const kept = mobile.slice(0, random(mobile.length + 1));
        const length = Math.max(kept.length, mobile.length - 1 + random(3));
        const rest = Array.from({ length: length - kept.length }, () => String(random(10))).join('');
        const number = `+${getCountryCallingCode(country)}${kept}${rest}`;
        if (!SHAPE.test(number)) continue;
        const expected = isValid(number);
        if (isTelephone(number) !== expected) different.push(number);
        looked += 1;
        if (expected) valid += 1;
        if (isSurelyTelephone(number)) sure += 1;
      }
    }
    expect(different).toEqual([]);
    // Of both kinds, and few have to be asked twice for.
    expect(valid / looked).toBeGreaterThan(0.3);
    expect(valid / looked).toBeLessThan(0.9);
    expect(sure / valid).toBeGreaterThan(0.6);
  });
});
