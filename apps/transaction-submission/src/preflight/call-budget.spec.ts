import { CallBudget } from './call-budget';

describe('the budget of look-ups before payments', () => {
  it('lets some be made at once, and then a few each second, however long nothing was asked', () => {
    let now = 0;
    const budget = new CallBudget(2, () => now);
    expect(budget.available).toBe(20);
    budget.spend(20);
    expect(budget.available).toBe(0);
    now += 400;
    expect(budget.available).toBe(0);
    now += 100;
    expect(budget.available).toBe(1);
    now += 3_600_000;
    expect(budget.available).toBe(20);
  });
});
