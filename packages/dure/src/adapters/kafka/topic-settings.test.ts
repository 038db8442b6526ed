import { describe, expect, test } from 'vitest'
import { askedFor, type TopicSettings, unsuitable, warningsOf } from './topic-settings.ts'

const asked = askedFor(2, { replicas: 3 })

const other = (config: Record<string, string>, more: Partial<TopicSettings> = {}): TopicSettings => ({
  ...asked,
  ...more,
  config: { ...asked.config, ...config },
})

describe('a topic that somebody else has set up', () => {
  test('as it is asked for is suitable, and there is nothing to say of it', () => {
    expect(unsuitable(asked, asked)).toBeUndefined()
    expect(warningsOf(asked)).toEqual([])
  })

  test.each<[string, TopicSettings]>([
    ['partitions', other({}, { partitions: 3 })],
    ['replicas', other({}, { replicas: 2 })],
    ['cleanup.policy', other({ 'cleanup.policy': 'compact' })],
    ['cleanup.policy', other({ 'cleanup.policy': 'compact,delete' })],
    ['retention.ms', other({ 'retention.ms': '1000' })],
    ['retention.bytes', other({ 'retention.bytes': '1000000' })],
    ['min.insync.replicas', other({ 'min.insync.replicas': '1' })],
    ['min.insync.replicas', other({ 'min.insync.replicas': '4' })],
  ])('%s is refused', (setting, found) => {
    expect(unsuitable(found, asked)).toMatch(new RegExp(`^${setting} (is|are) `))
  })

  test.each<[TopicSettings]>([
    [other({ 'retention.ms': '-1' })],
    [other({ 'retention.ms': String(30 * 24 * 3_600_000) })],
    [other({}, { replicas: 5 })],
    [other({ 'min.insync.replicas': '3' })],
    [other({ 'max.message.bytes': '1000' })],
  ])('keeps as much or more: %j', (found) => {
    expect(unsuitable(found, asked)).toBeUndefined()
  })

  test('a limit that is asked for must be met', () => {
    const bounded = askedFor(2, { replicas: 3, maxPartitionBytes: 1000, maxAgeMs: 0 })
    expect(bounded.config['retention.ms']).toBe('-1')
    expect(unsuitable(asked, bounded)).toMatch(/^retention\.ms is /)
    expect(unsuitable({ ...bounded, config: { ...bounded.config, 'retention.bytes': '999' } }, bounded)).toBe(
      'retention.bytes is 999, not 1000',
    )
  })

  test.each<[string, TopicSettings]>([
    ['replicas', other({}, { replicas: 1 })],
    ['min.insync.replicas', other({ 'min.insync.replicas': '1' })],
    ['unclean.leader.election.enable', other({ 'unclean.leader.election.enable': 'true' })],
    ['message.timestamp.type', other({ 'message.timestamp.type': 'CreateTime' })],
  ])('%s has a warning', (setting, found) => {
    expect(warningsOf(found).map((it) => it.setting)).toEqual([setting])
  })
})
