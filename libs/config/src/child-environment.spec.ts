import { childEnvironment, GIVEN_TO_EACH_PROCESS, isSet } from './child-environment';

describe('the environment of a child process', () => {
  it('takes what is fixed before what is inherited, and that before a default', () => {
    const environment = childEnvironment(
      { fixed: { PORT: '1' }, defaults: { LOG_LEVEL: 'info', MAX_BASE_FEE: '200' } },
      { PORT: '2', LOG_LEVEL: 'debug', PATH: '/bin', MAX_BASE_FEE: '' },
    );
    expect(environment).toEqual({
      ...GIVEN_TO_EACH_PROCESS,
      PORT: '1',
      LOG_LEVEL: 'debug',
      PATH: '/bin',
      MAX_BASE_FEE: '200',
    });
  });

  it('leaves glibc as many arenas as the user has set', () => {
    expect(childEnvironment({}, { MALLOC_ARENA_MAX: '8' })).toEqual({
      ...GIVEN_TO_EACH_PROCESS,
      MALLOC_ARENA_MAX: '8',
    });
  });

  it('counts an empty variable as not set', () => {
    expect([isSet('PORT', { PORT: '1' }), isSet('PORT', { PORT: '' }), isSet('PORT', {})]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
