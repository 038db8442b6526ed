import { describe, expect, test } from 'vitest'
import { askedFor, type StreamConfig, unsuitable, warningsOf } from './stream-settings.ts'

const asked = askedFor('shop', ['shop.0', 'shop.1'], { replicas: 3 })

describe('a stream that somebody else has set up', () => {
  test('as it is asked for is suitable, and there is nothing to say of it', () => {
    expect(unsuitable(asked, asked)).toBeUndefined()
    expect(warningsOf(asked, asked)).toEqual([])
  })

  test.each<[string, Partial<StreamConfig>]>([
    ['num_replicas', { num_replicas: 1 }],
    ['mirror', { mirror: { name: 'x' } }],
    ['sources', { sources: [{ name: 'x' }] }],
    ['sealed', { sealed: true }],
    ['no_ack', { no_ack: true }],
    ['subject_transform', { subject_transform: { src: '>', dest: 'x' } }],
    ['persist_mode', { persist_mode: 'async' }],
    ['allow_msg_counter', { allow_msg_counter: true }],
    ['subjects', { subjects: ['shop.0'] }],
    ['subjects', { subjects: ['shop.*'] }],
  ])('%s is refused: %j', (setting, other) => {
    expect(unsuitable({ ...asked, ...other }, asked)).toMatch(new RegExp(`^${setting} (is|are) `))
  })

  test.each<[Partial<StreamConfig>]>([
    [{ max_age: 0 }],
    [{ max_bytes: -1 }],
    [{ num_replicas: 5 }],
    [{ sources: [] }],
    [{ sealed: false, persist_mode: 'default' }],
    [{ subjects: ['shop.1', 'shop.0'] }],
  ])('keeps as much or more: %j', (other) => {
    expect(unsuitable({ ...asked, ...other }, asked)).toBeUndefined()
  })

  test('a limit that is asked for must be met', () => {
    const bounded = askedFor('shop', ['shop.0', 'shop.1'], { replicas: 3, maxBytes: 1000 })
    expect(unsuitable({ ...bounded, max_bytes: 999 }, bounded)).toBe('max_bytes is 999, not 1000')
    expect(unsuitable({ ...bounded, max_bytes: 2000 }, bounded)).toBeUndefined()
    expect(unsuitable({ ...asked, max_age: 1 }, asked)).toMatch(/^max_age is .* days, not 7 days$/)
  })

  test('a window for repetitions is no longer than messages are kept', () => {
    expect(askedFor('shop', [], { maxAgeMs: 1000 }).duplicate_window).toBe(1_000_000_000)
    expect(askedFor('shop', [], { maxAgeMs: 0 }).duplicate_window).toBe(120_000_000_000)
  })
})
