/** One event of a server-sent stream. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

const EVENT_CHARACTERS_MAX = 4 * 1024 * 1024;

/** Cuts a server-sent stream into its events. An event that never ends is an error, not a growing buffer. */
export async function* readEvents(chunks: AsyncIterable<unknown>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of chunks) {
    buffer += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true });
    if (buffer.length > EVENT_CHARACTERS_MAX) throw new Error('an event of the stream is too large');
    const frames = buffer.replaceAll('\r\n', '\n').split('\n\n');
    buffer = frames.pop() ?? '';
    for (const frame of frames) yield parse(frame);
  }
}

function parse(frame: string): StreamEvent {
  const fields = { id: '', event: 'message', data: [] as string[] };
  for (const line of frame.split('\n')) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') fields.id = value;
    else if (name === 'event') fields.event = value;
    else if (name === 'data') fields.data.push(value);
  }
  return { id: fields.id, event: fields.event, data: fields.data.join('\n') };
}
