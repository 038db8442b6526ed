export { natsTransport, type NatsTransportOptions } from './nats-transport.ts'
export type { StreamOptions } from './stream-settings.ts'
