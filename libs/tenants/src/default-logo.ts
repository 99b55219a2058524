import type { Logo } from './organization';

/** A river with its arms, 64 × 64: shown until an organisation uploads a logo of its own. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAABD0lEQVR42u2a3Q2DMAyEbwymYh0mY6GO0Rf6UAlVUJI4uM35' +
  'ZOQBvi8S+bEPW/APKSAkMM1LexEJmLjdTTCK28sEJPTdDiBB79YAG73VAWzoVg3Q0jc6gJm+xQHk9FUH8NOXHXQFqOineVkf' +
  'T4MAG/pe8QQ+6VsFONGvHEBIf4X+rsMPTSdQRj/vSEQC1YWvC/Cjnx3GC1jRiQQ6Fr4kEAX94DBA4D76MAGXhR8j4Iv+bwF3' +
  '9O8C5UUirBRIgRQQ24XyHJA+iUXuQr+9jYZ/D+SLjOBNHL4rkX0hgs5c+N6oQndaYT4QfkKTQz4OgfBzYoVJvUJWQiGtopAX' +
  'EklsKWTmRFKLCrlRneRuhr9vfS8lZR1RfZqlUgAAAABJRU5ErkJggg==';

export const DEFAULT_LOGO: Logo = { type: 'image/png', bytes: Buffer.from(PNG, 'base64') };
