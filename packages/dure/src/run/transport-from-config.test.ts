import { describe, expect, it } from 'vitest'
import { readConfig } from '../host/config.ts'
import { transportFromConfig } from './transport-from-config.ts'

const from = (env: Record<string, string>) => transportFromConfig(readConfig(env))

describe('the transport that the environment asks for', () => {
  it('is none where nothing is said', async () => {
    expect(await from({})).toBeUndefined()
  })

  it('is Kafka, and connects to nothing before it is used', async () => {
    const transport = await from({ KAFKA_URL: 'kafka://a:9093,kafka://[::1]' })
    expect(transport?.name).toBe('kafka a:9093, [::1]:9092')
    await transport?.close()
  })

  it('is not chosen where two brokers are named', async () => {
    const both = { NATS_URL: 'nats://a:4222', KAFKA_URL: 'kafka://b:9092' }
    await expect(from(both)).rejects.toThrow(/NATS_URL, KAFKA_URL: both are set/)
    expect((await from({ ...both, DURE_TRANSPORT: 'kafka' }))?.name).toBe('kafka b:9092')
    expect((await from({ ...both, DURE_TRANSPORT: 'nats' }))?.name).toBe('nats a:4222')
    await expect(from({ NATS_URL: both.NATS_URL, DURE_TRANSPORT: 'kafka' })).rejects.toThrow(
      /KAFKA_URL is not set/,
    )
    await expect(from({ DURE_TRANSPORT: 'nats' })).rejects.toThrow(/NATS_URL is not set/)
  })

  it.each([
    ['amqp://a:9092'],
    ['kafka://'],
    ['kafka://a:9092,nonsense'],
    ['kafka://a:9092,kafkas://b:9092'],
    ['kafka://user:hush@a:9092?mechanism=GSSAPI'],
  ])('%s is no KAFKA_URL, and what it holds is not repeated', (url) => {
    const read = (): unknown => readConfig({ KAFKA_URL: url })
    expect(read).toThrow(/KAFKA_URL: expected/)
    expect(read).not.toThrow(/hush|nonsense/)
  })
})
