import { dueInvitation, requestedInvitation } from './invitation.policy';

const none = { resends: 0, under_way: false };
const never = { ...none, last_round: null, is_invited: false, days_since_first: null };
const once = { ...none, last_round: 0, is_invited: true, days_since_first: 7 };
const rules = { resendIntervalDays: 7, resendsMax: 3 };

describe('an invitation that is due by itself', () => {
  it('is the first one, whatever the organisation says about reminders', () => {
    expect(dueInvitation(never, { resendIntervalDays: null, resendsMax: 0 })).toEqual({
      round: 0,
      cause: 'first',
    });
  });

  it('is a reminder after one interval, then after two, then after three, then never', () => {
    expect(dueInvitation({ ...once, days_since_first: 6 }, rules)).toBeNull();
    expect(dueInvitation(once, rules)).toEqual({ round: 1, cause: 'resend' });
    const twice = { ...once, last_round: 1, resends: 1 };
    expect(dueInvitation({ ...twice, days_since_first: 13 }, rules)).toBeNull();
    expect(dueInvitation({ ...twice, days_since_first: 14 }, rules)).toEqual({ round: 2, cause: 'resend' });
    expect(dueInvitation({ ...once, last_round: 3, resends: 3, days_since_first: 365 }, rules)).toBeNull();
  });

  it('is the first one again when none of those before counts any more', () => {
    const soFar = { ...once, days_since_first: null, is_invited: false };
    expect(dueInvitation(soFar, { ...rules, resendIntervalDays: null })).toEqual({
      round: 1,
      cause: 'first',
    });
  });

  it('is none without an interval, while one is under way, or when none ever arrived', () => {
    expect(dueInvitation(once, { ...rules, resendIntervalDays: null })).toBeNull();
    expect(dueInvitation({ ...once, under_way: true }, rules)).toBeNull();
    expect(dueInvitation({ ...once, days_since_first: null }, rules)).toBeNull();
  });
});

describe('an invitation that staff asked for', () => {
  it('is another one, and does not use up a reminder', () => {
    expect(requestedInvitation({ ...once, last_round: 4 })).toEqual({ round: 5, cause: 'manual' });
    expect(requestedInvitation(never)).toEqual({ round: 0, cause: 'first' });
    expect(requestedInvitation({ ...once, under_way: true })).toBeNull();
  });
});
