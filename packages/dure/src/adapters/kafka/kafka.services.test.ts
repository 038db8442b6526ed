import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { lateBroker, startBroker, type TestBroker, visitKafka } from '../../../test/fixtures/kafka-broker.ts'
import { transportCases, transportConformance } from '../../testing/conformance/index.ts'

// Against a broker that somebody runs: `npm run services -- up` starts it.
describe('transport conformance, kafka', { timeout: 60_000 }, () => {
  transportConformance({ name: 'kafka', shared: true, open: async () => visitKafka(url()) }, it)
})

// Against a broker of our own, which is killed and wiped meanwhile, and takes seconds to start.
describe('transport conformance under outages, kafka', { timeout: 90_000 }, () => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(() => broker?.end())

  const outages = transportCases.filter((each) => each.needs === 'broker')
  const harness = lateBroker('kafka', () => broker)
  transportConformance(harness, it, outages)
})

function url(): string {
  const found = process.env['DURE_TEST_KAFKA_URL']
  assert.ok(found, 'DURE_TEST_KAFKA_URL is not set: npm run services -- up')
  return found
}
