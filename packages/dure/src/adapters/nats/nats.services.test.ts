import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { lateBroker, openNats, startBroker, type TestBroker } from '../../../test/fixtures/nats-broker.ts'
import { transportCases, transportConformance } from '../../testing/conformance/index.ts'

const named = { 'nats current': 'DURE_TEST_NATS_URL', 'nats 2.9': 'DURE_TEST_NATS_29_URL' }

// Against servers that somebody runs: `npm run services -- up` starts them.
describe.each(Object.entries(named))('transport conformance, %s', (name, variable) => {
  const url = (): string => {
    const found = process.env[variable]
    assert.ok(found, `${variable} is not set: npm run services -- up`)
    return found
  }
  transportConformance({ name, shared: true, open: () => openNats(url()) }, it)
})

// Against servers of our own, which are killed and wiped meanwhile.
describe.each(['current', '2.9'] as const)('transport conformance under outages, %s', (version) => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await startBroker(version)
  })
  afterAll(() => broker?.end())

  const harness = lateBroker(`nats ${version}`, () => broker)
  const outages = transportCases.filter((each) => each.needs === 'broker')
  transportConformance(harness, it, outages)
})
