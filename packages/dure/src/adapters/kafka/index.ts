export type { Credentials } from './address.ts'
export { kafkaTransport, type KafkaTransportOptions } from './kafka-transport.ts'
export type { TopicOptions } from './topic-settings.ts'
