import { readCommandLine } from './command-line';

const NOTHING = { exit: false, json: false, kafka: false, fresh: false, help: false };

describe('the command line', () => {
  it('starts the system when nothing is said, with a demo of a thousand people when asked', () => {
    expect(readCommandLine([])).toEqual({ command: 'start', people: 1000, ...NOTHING });
    expect(readCommandLine(['demo'])).toEqual({ command: 'demo', people: 1000, ...NOTHING });
  });

  it('reads every option', () => {
    const words = ['demo', '--people', '20', '--exit', '--json', '--kafka', '--fresh', '--help'];
    expect(readCommandLine(words)).toEqual({
      command: 'demo',
      people: 20,
      exit: true,
      json: true,
      kafka: true,
      fresh: true,
      help: true,
    });
  });

  it.each([
    [['pay'], 'I do not know "pay". See --help.'],
    [['demo', 'twice'], 'I do not know "demo twice". See --help.'],
    [['--people', '0'], /^--people must be a whole number from 1 to/],
    [['--people', '1e3'], /^--people must be/],
    [['--loud'], /--loud/],
  ])('refuses %j in a sentence', (words, sentence) => {
    expect(() => readCommandLine(words)).toThrow(sentence);
  });
});
