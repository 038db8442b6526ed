/** The path of a nats-server; fetches or builds it when there is none. */
export function natsProgram(
  version: 'current' | '2.9',
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<string>
