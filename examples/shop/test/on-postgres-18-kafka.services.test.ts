import { kafkaServers } from './servers.ts'
import { wireTo } from './wiring.ts'

// The scenarios as they are, on servers.
wireTo(() => kafkaServers('DURE_TEST_POSTGRES_18_URL', 'DURE_TEST_KAFKA_URL'))
await import('./orders.test.ts')
await import('./routes.test.ts')
await import('./sample-data.test.ts')
await import('./late-inventory.test.ts')
