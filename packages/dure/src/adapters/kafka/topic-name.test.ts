import { expect, test } from 'vitest'
import { kafkaName, signalsName } from './topic-name.ts'

test('what Kafka takes stays as it is', () => {
  for (const name of ['Shop.Ordering', 'a', 'x-1.y', 'a'.repeat(200)]) expect(kafkaName(name)).toBe(name)
})

test('other names are told apart, and fit', () => {
  const names = [
    'Shop.주문',
    'Shop.판매',
    'Shop.--',
    'a_b',
    'a.b',
    'a-b',
    '주'.repeat(66),
    `${'주'.repeat(65)}판`,
  ]
  const made = names.flatMap((name) => [kafkaName(name), signalsName(kafkaName(name))])
  expect(new Set(made).size).toBe(2 * names.length)
  // Kafka takes . and _ for the same in the names of its metrics, and refuses the second topic.
  expect(new Set(made.map((it) => it.replaceAll('.', '_'))).size).toBe(2 * names.length)
  for (const name of made) expect(name).toMatch(/^[A-Za-z0-9._-]{1,249}$/)
})
